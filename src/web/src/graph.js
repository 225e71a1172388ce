// Where the boxes of a plan stand. A gate is a section; in it a step stands in the column behind the last step it waits for. What
// crosses sections goes through the gates, so it is not drawn.

/** With more steps than this a gate shows one box for what is done to many machines. */
export const Most = 80

const verb = id => id.split('.')[0]
export const isGate = id => id.startsWith('gate.')

/** Map of lists, in the order in which the keys come. */
export function grouped(items, key) {
  const groups = new Map()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group) group.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}

/** Step id → what it waits for, and what waits for it: [{ step, kind }]. */
export function relations(steps) {
  const waits = new Map(steps.map(s => [s.id, s.requires]))
  const waited = new Map(steps.map(s => [s.id, []]))
  for (const s of steps) for (const r of s.requires) waited.get(r.step)?.push({ step: s.id, kind: r.kind })
  return { waits, waited }
}

/** @param whole gates that are shown step by step however many they have */
export function sections(steps, whole) {
  const gates = grouped(steps.filter(s => !isGate(s.id)), s => s.gate)
  return [...gates].map(([gate, own]) => {
    const many = own.length > Most
    return { gate, many, steps: own, ...layout(many && !whole.includes(gate) ? together(own) : each(own)) }
  })
}

/** One box a step; steps stand behind what they require. */
function each(own) {
  const boxes = new Map()
  for (const s of own) {
    const after = s.requires.filter(r => boxes.has(r.step))
    boxes.set(s.id, { id: s.id, steps: [s], column: 1 + Math.max(-1, ...after.map(r => boxes.get(r.step).column)), after: after.map(r => ({ id: r.step, begun: r.kind === 'begun' })) })
  }
  return [...boxes.values()]
}

/** One box for all steps of a kind, in the order in which the kinds begin. Where two kinds take turns, only the way forward is drawn. */
function together(own) {
  const columns = new Map(each(own).map(b => [b.id, b.column]))
  const kinds = grouped(own, s => verb(s.id))
  const first = new Map([...kinds].map(([kind, all]) => [kind, Math.min(...all.map(s => columns.get(s.id)))]))
  const order = [...new Set(first.values())].sort((a, b) => a - b)
  return [...kinds].map(([kind, all]) => {
    const after = new Map()
    for (const r of all.flatMap(s => s.requires)) {
      const other = verb(r.step)
      if (columns.has(r.step) && first.get(other) < first.get(kind)) after.set(other, { id: other, begun: r.kind === 'begun' && (after.get(other)?.begun ?? true) })
    }
    return { id: kind, steps: all, column: order.indexOf(first.get(kind)), after: [...after.values()] }
  })
}

/** Rows: each column in the order of what its boxes wait for, so that few lines cross. */
function layout(boxes) {
  const at = new Map(boxes.map(b => [b.id, b]))
  const columns = []
  for (const b of boxes) (columns[b.column] ??= []).push(b)
  for (const column of columns) {
    for (const b of column) b.pull = b.after.length ? b.after.reduce((sum, a) => sum + at.get(a.id).row, 0) / b.after.length : 0
    column.sort((a, b) => a.pull - b.pull)
    column.forEach((b, i) => (b.row = i))
  }
  const awaited = new Set(boxes.flatMap(b => b.after.map(a => a.id)))
  for (const b of boxes) b.last = !awaited.has(b.id)
  return { boxes, columns: columns.length, rows: Math.max(...columns.map(c => c.length)) }
}
