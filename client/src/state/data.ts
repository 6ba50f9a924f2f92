import { shallowRef, watch } from 'vue'
import type { ShallowRef } from 'vue'
import type { DataResponse, EventResponse } from '../../../src/devtools/protocol'
import { messageOf } from '../lib/errors'
import type { PanelEvent, PanelSession } from '../lib/state'
import { notify } from './notices'
import { useApi } from './panel'

/** The data of a session: from the list, or fetched if it is too large for the list. */
export function useSessionData(session: () => PanelSession | undefined): ShallowRef<DataResponse | undefined> {
  return useFetched(session, ({ data, flash, isCut, origin }) => {
    if (isCut) return undefined
    if (data) return { data, flash }
    return origin ? undefined : 'fetch'
  }, ({ key }) => useApi().data({ key }))
}

/** The data before and after an event. */
export function useEventData(event: () => PanelEvent): ShallowRef<EventResponse | undefined> {
  return useFetched(event, ({ hasData, data }) => data ?? (hasData ? 'fetch' : undefined), ({ seq }) => useApi().event({ seq }))
}

function useFetched<Item, T>(item: () => Item | undefined, known: (item: Item) => T | 'fetch' | undefined, fetch: (item: Item) => Promise<T>): ShallowRef<T | undefined> {
  const result = shallowRef<T>()
  watch(item, async (wanted) => {
    const found = wanted && known(wanted)
    if (found !== 'fetch') {
      result.value = found
      return
    }
    try {
      const fetched = await fetch(wanted!)
      if (item() === wanted) result.value = fetched
    }
    catch (error) {
      notify(messageOf(error), true)
    }
  }, { immediate: true })
  return result
}
