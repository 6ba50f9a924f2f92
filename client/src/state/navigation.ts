import { computed, reactive, ref, shallowRef, watch } from 'vue'
import type { JsonObject } from '../../../src/devtools/protocol'
import { REQUEST_KINDS } from '../lib/requests'
import type { RequestKind } from '../lib/requests'
import { searchSessions, sortSessions } from '../lib/sessions'
import { state } from './panel'

export type View = 'sessions' | 'requests' | 'create' | 'unseal'

/** The open tab of the selected session. */
export type Part = 'data' | 'cookie' | 'timeline' | 'copy'

export interface CreateDraft { name: string, userId: string, data: JsonObject }

export const part = ref<Part>('data')
export const view = ref<View>('sessions')
export const query = ref('')
export const selectedKey = ref('')
/** On a narrow screen the detail replaces the list. */
export const isDetailOpen = ref(false)
export const requestFilter = reactive({ session: '', text: '', kinds: new Set<RequestKind>(REQUEST_KINDS) })
/** Initial values of the form to create a session. */
export const createDraft = shallowRef<CreateDraft>({ name: '', userId: '', data: {} })

export const sorted = computed(() => sortSessions(state.value?.sessions ?? []))
export const found = computed(() => searchSessions(sorted.value, query.value))
export const selected = computed(() => found.value.find(session => session.key === selectedKey.value) ?? found.value[0])

export function openSession(key: string): void {
  if (!found.value.some(session => session.key === key)) query.value = ''
  selectedKey.value = key
  isDetailOpen.value = true
  view.value = 'sessions'
}

export function openCreate(draft: CreateDraft): void {
  createDraft.value = draft
  view.value = 'create'
}

// Every request changes the list, but the selected session stays selected.
watch(found, ([first]) => {
  if (first && !found.value.some(session => session.key === selectedKey.value)) selectedKey.value = first.key
})

// A new id is a new key. If this browser's session is selected, its successor is selected next. The successor may be
// listed before this browser has its cookie, so for a moment no session may be this browser's.
let followed: string | undefined
watch(selectedKey, () => (followed = undefined), { flush: 'sync' })
watch([state, selectedKey], ([fresh]) => {
  const sessions = fresh?.sessions ?? []
  const shown = sessions.find(session => session.key === selectedKey.value)
  if (shown?.isCurrent) followed = shown.name
  if (shown?.isCurrent || followed === undefined) return
  const next = sessions.find(session => session.isCurrent && session.name === followed)
  if (next) selectedKey.value = next.key
})
