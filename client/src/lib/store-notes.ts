import type { InspectedStore } from '../../../src/devtools/protocol'
import type { PanelState } from './state'

export interface StoreNote { text: string, isFailure: boolean }

/** Returns notes on stores that have more sessions than are listed, or that cannot be read. */
export function storeNotes({ stores, limits }: Pick<PanelState, 'stores' | 'limits'>): StoreNote[] {
  return stores.map(store => noteOf(store, limits.stored)).filter(note => note !== undefined)
}

function noteOf({ storage, hasMore, error }: InspectedStore, limit: number): StoreNote | undefined {
  if (error !== undefined) return { text: `The store “${storage}” cannot be read: ${error}`, isFailure: true }
  if (!hasMore) return undefined
  return { text: `The store “${storage}” has more sessions. The list shows the first ${limit}, in the store's own order, and those of requests.`, isFailure: false }
}
