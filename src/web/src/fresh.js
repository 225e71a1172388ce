// How old what is shown is, and whether it still counts. Both go on by the page's own clock while no answer comes.

import { page } from './state.svelte.js'

const since = receivedAt => Math.max(0, (page.now - (receivedAt ?? page.now)) / 1000)

export const ageOf = (seen, receivedAt = page.cluster?.receivedAt) => seen.ageSeconds + since(receivedAt)

/** Never asked, not readable, too old, or nobody would be told of anything newer: then it is how it was. */
export const isFresh = (seen, receivedAt = page.cluster?.receivedAt) =>
  !!seen && !seen.problem && seen.fresh && since(receivedAt) <= seen.freshForSeconds && (page.connected || !page.heardAt)

/** Of several, the one that says least: not readable, or the oldest; null: none was asked. */
export const leastOf = all => {
  const asked = all.filter(Boolean)
  return asked.find(s => s.problem) ?? (asked.length ? asked.reduce((least, s) => (s.freshForSeconds < least.freshForSeconds ? s : least)) : null)
}
