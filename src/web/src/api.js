// The API: every refusal is an Error with the program's own sentence and, where there is one, its whole answer.

import { t } from './words.js'

export async function ask(path, options = {}) {
  let response
  try {
    response = await fetch(path, options)
  } catch {
    throw Object.assign(new Error(t('unreachable')), { status: 0 })
  }
  const body = response.headers.get('content-type')?.startsWith('application/json') ? await response.json() : null
  if (!response.ok) throw Object.assign(new Error(body?.error ?? `HTTP ${response.status}`), { status: response.status, body })
  return body
}

export const send = (path, body, method = 'POST') =>
  ask(path, { method, headers: body === undefined ? {} : { 'content-type': 'application/json' }, body: body === undefined ? undefined : JSON.stringify(body) })
