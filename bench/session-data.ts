/** The data of every session of the benchmark. The routes increment `n`. */
export type CounterData = Record<string, unknown> & { userId: number, n: number }

/** A session as h3 seals it. */
export interface SessionRecord {
  id: string
  createdAt: number
  data: CounterData
}

const ID = '4f1c2a3e-9b7d-4c5e-8f60-1a2b3c4d5e6f'

/**
 * A session whose JSON, with an id of 36 characters, has about this many bytes: a user and a cart.
 * `now` is in milliseconds since 1970.
 */
export function sessionRecord(bytes: number, now: number): SessionRecord {
  const record: SessionRecord = { id: ID, createdAt: now, data: { userId: 4711, n: 1 } }
  if (bytes <= 110) return record
  const cart: object[] = []
  record.data.user = { id: 4711, name: 'Zoë Müller', roles: ['user', 'editor'] }
  record.data.cart = cart
  while (sizeOf(record) < bytes - 90) cart.push(cartItem(cart.length))
  const missing = bytes - sizeOf(record) - '"note":"",'.length
  if (missing > 0) record.data.note = 'x'.repeat(missing)
  return record
}

function cartItem(index: number): object {
  return { sku: `SKU-${100_000 + index}`, name: `Item number ${index}`, quantity: index % 7, price: 19.99 + index }
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
