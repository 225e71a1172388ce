// What the page knows. The server tells what is new; a lost connection is said, and is gone on from where it was.

import { ask, hangUp, oneAtATime, send } from './api.js'

export const page = $state({
  person: undefined, // undefined: not asked yet; null: nobody
  problem: '', // why a sign-in by the provider came to nothing
  cluster: null,
  live: null,
  runs: [],
  log: [],
  connected: false,
  heardAt: null,
  now: Date.now(),
})

/** This many of the newest entries at least; what was before them is asked for where it is shown. */
const Longest = 2000

let source
let beat = 5 // The server says it: so many seconds, and something is heard again.
let triedAt = 0

export const may = right => ['view', 'plan', 'approve', 'run'].indexOf(page.person?.right) >= ['view', 'plan', 'approve', 'run'].indexOf(right)

export async function begin() {
  setInterval(tick, 1000)
  const answer = answered()
  let person = await ask('/api/session').catch(e => ((page.problem = e.message), null))
  if (!person && answer) person = await send('/api/provider/answer', answer).catch(e => ((page.problem = e.message), null))
  page.person = person
  if (page.person) follow()
}

/** What a provider sent the browser back with, if it did; it stands in the address no longer than that. */
function answered() {
  const query = new URLSearchParams(location.search)
  if (!query.has('state')) return null
  history.replaceState(null, '', location.pathname)
  location.hash = sessionStorage.getItem('place') ?? ''
  sessionStorage.removeItem('place')
  return Object.fromEntries(['state', 'code', 'iss', 'error'].filter(key => query.has(key)).map(key => [key, query.get(key)]))
}

export function follow() {
  page.log = []
  refresh()
  readRuns()
  listen()
}

/** Behind the last entry that is known; the server's newest, where none is. */
function listen() {
  source?.close()
  triedAt = Date.now()
  const last = page.log.at(-1)?.sequence
  source = new EventSource(last ? `/api/events?since=${last}` : '/api/events')
  source.onopen = () => {
    if (page.heardAt && !page.connected) {
      // What was asked meanwhile may still wait on the line that is dead.
      hangUp()
      readRuns()
    }
    heard()
  }
  source.onerror = () => {
    page.connected = false
    // Closed for good: the browser does not try again after an answer that is no stream (signed out, or a server that just begins).
    if (source.readyState === EventSource.CLOSED) setTimeout(check, 2000)
  }
  source.addEventListener('beat', e => {
    heard()
    beat = Number(e.data)
  })
  source.addEventListener('journal', e => {
    heard()
    const entry = JSON.parse(e.data)
    // They are numbered without a gap: any other one is another journal's.
    if (page.log.length && entry.sequence !== page.log.at(-1).sequence + 1) page.log = []
    page.log.push(entry)
    if (page.log.length > 2 * Longest) page.log.splice(0, page.log.length - Longest)
    if (['run-started', 'run-ended', 'run-resumed'].includes(entry.kind)) readRuns()
  })
  source.addEventListener('live', e => {
    heard()
    page.live = JSON.parse(e.data)
  })
  source.addEventListener('cluster', () => {
    heard()
    refresh()
  })
}

/** A line that is pulled out says nothing: the stream looks open, and only its silence tells. */
function tick() {
  page.now = Date.now()
  if (!page.person || page.now - Math.max(page.heardAt ?? 0, triedAt) < 3 * beat * 1000) return
  page.connected = false
  hangUp()
  listen()
}

async function check() {
  // Only an answer says that nobody is signed in: a server that has a fault says nothing of it.
  const person = await ask('/api/session').catch(e => (e.status === 401 ? null : page.person))
  if (!person) return leave()
  page.person = person
  listen()
}

export function leave() {
  source?.close()
  page.problem = ''
  page.person = null
  page.cluster = page.live = null
  page.runs = []
  page.log = []
  page.connected = false
  page.heardAt = null
}

function heard() {
  page.connected = true
  page.heardAt = Date.now()
}

const refresh = oneAtATime(async () => {
  try {
    page.cluster = { ...(await ask('/api/cluster')), receivedAt: Date.now() }
  } catch {
    // The age of what is shown says it.
  }
  // Pictures can follow one another faster than anybody looks.
  await new Promise(after => setTimeout(after, 300))
})

export async function readRuns() {
  page.runs = (await ask('/api/runs').catch(() => null))?.runs ?? page.runs
}
