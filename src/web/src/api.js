// The API: every refusal is an Error with the program's own sentence and, where there is one, its whole answer.

import { t } from './words.js'

// What the page asks while nobody has touched it for a minute does not keep its session alive.
const Attended = 60_000
let touchedAt = Date.now()
for (const kind of ['pointerdown', 'keydown', 'wheel', 'touchstart']) addEventListener(kind, () => (touchedAt = Date.now()), { passive: true })

let line = new AbortController()

/** What was asked over a connection that is lost would wait for its answer for many minutes. */
export function hangUp() {
  line.abort()
  line = new AbortController()
}

export async function ask(path, options = {}) {
  const asksOnly = (options.method ?? 'GET') === 'GET'
  const unheard = () => Object.assign(new Error(t(asksOnly ? 'unreachable' : 'unheard')), { status: 0 })
  const signal = line.signal
  let response
  let body
  try {
    const unattended = Date.now() - touchedAt > Attended ? { 'changeover-unattended': '1' } : {}
    response = await fetch(path, { ...options, headers: { ...options.headers, ...unattended }, signal })
    body = response.headers.get('content-type')?.startsWith('application/json') ? await response.json() : null
  } catch (e) {
    // An answer that breaks off is none; one that is no JSON is another fault.
    throw e instanceof SyntaxError ? e : unheard()
  }
  if (!response.ok) throw Object.assign(new Error(body?.error ?? `HTTP ${response.status}`), { status: response.status, body })
  return body
}

/** One question at a time: what became new while it was on its way is asked for once more, so that the last word is never missed. */
export function oneAtATime(question) {
  let asking = false
  let again = false
  return async () => {
    if (asking) {
      again = true
      return
    }
    asking = true
    try {
      do {
        again = false
        await question()
      } while (again)
    } finally {
      asking = false
    }
  }
}

export const send = (path, body, method = 'POST') =>
  ask(path, { method, headers: body === undefined ? {} : { 'content-type': 'application/json' }, body: body === undefined ? undefined : JSON.stringify(body) })
