// The API: every refusal is an Error with the program's own sentence and, where there is one, its whole answer.

import { t } from './words.js'

// What the page asks while nobody has touched it for a minute does not keep its session alive.
const Attended = 60_000
let touchedAt = Date.now()
for (const kind of ['pointerdown', 'keydown', 'wheel', 'touchstart']) addEventListener(kind, () => (touchedAt = Date.now()), { passive: true })

export async function ask(path, options = {}) {
  let response
  try {
    const unattended = Date.now() - touchedAt > Attended ? { 'changeover-unattended': '1' } : {}
    response = await fetch(path, { ...options, headers: { ...options.headers, ...unattended } })
  } catch {
    throw Object.assign(new Error(t('unreachable')), { status: 0 })
  }
  const body = response.headers.get('content-type')?.startsWith('application/json') ? await response.json() : null
  if (!response.ok) throw Object.assign(new Error(body?.error ?? `HTTP ${response.status}`), { status: response.status, body })
  return body
}

export const send = (path, body, method = 'POST') =>
  ask(path, { method, headers: body === undefined ? {} : { 'content-type': 'application/json' }, body: body === undefined ? undefined : JSON.stringify(body) })
