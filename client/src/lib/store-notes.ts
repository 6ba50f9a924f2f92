import type { InspectedStore, StateResponse } from '../../../src/devtools/protocol'

export interface StoreNote { text: string, isFailure: boolean }

/** Which stores hold more than is listed, or cannot be read. */
export function storeNotes({ stores, limits }: Pick<StateResponse, 'stores' | 'limits'>): StoreNote[] {
  return stores.map(store => noteOf(store, limits.stored)).filter(note => note !== undefined)
}

function noteOf({ storage, hasMore, error }: InspectedStore, limit: number): StoreNote | undefined {
  if (error !== undefined) return { text: `The store “${storage}” cannot be read: ${error}`, isFailure: true }
  if (!hasMore) return undefined
  return { text: `The store “${storage}” holds more sessions: listed are the first ${limit} in its own order, and those that requests have shown.`, isFailure: false }
}
