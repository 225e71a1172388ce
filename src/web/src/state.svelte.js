// What the page knows. The server tells what is new; a lost connection is said, and is gone on from where it was.

import { ask, send } from './api.js'

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

const Longest = 2000

let source
let reading = false
let again = false

export const may = right => ['view', 'plan', 'approve', 'run'].indexOf(page.person?.right) >= ['view', 'plan', 'approve', 'run'].indexOf(right)

export async function begin() {
  setInterval(() => (page.now = Date.now()), 1000)
  const answer = answered()
  let person = await ask('/api/session').catch(() => null)
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
  source?.close()
  page.log = []
  refresh()
  readRuns()
  source = new EventSource('/api/events')
  source.onopen = () => heard()
  source.onerror = () => {
    page.connected = false
    // Closed for good: the browser does not try again after an answer that is no stream (signed out).
    if (source.readyState === EventSource.CLOSED) setTimeout(check, 2000)
  }
  source.addEventListener('journal', e => {
    heard()
    const entry = JSON.parse(e.data)
    if (page.log.length && entry.sequence <= page.log.at(-1).sequence) return
    page.log.push(entry)
    if (page.log.length > Longest) page.log.splice(0, page.log.length - Longest)
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

async function check() {
  const person = await ask('/api/session').catch(e => (e.status ? null : page.person))
  page.person = person
  if (person) follow()
}

export function leave() {
  source?.close()
  page.problem = ''
  page.person = null
  page.cluster = page.live = null
  page.runs = []
  page.log = []
}

function heard() {
  page.connected = true
  page.heardAt = Date.now()
}

/** One question at a time; what became new meanwhile is asked for once more. */
async function refresh() {
  if (reading) {
    again = true
    return
  }
  reading = true
  try {
    page.cluster = { ...(await ask('/api/cluster')), receivedAt: Date.now() }
  } catch {
    // The age of what is shown says it.
  }
  reading = false
  if (again) {
    again = false
    setTimeout(refresh, 300)
  }
}

export async function readRuns() {
  page.runs = (await ask('/api/runs').catch(() => null))?.runs ?? page.runs
}
