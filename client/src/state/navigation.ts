import { computed, reactive, ref, shallowRef, watch } from 'vue'
import type { JsonObject, TimelineKind } from '../../../src/devtools/protocol'
import { searchSessions, sortSessions } from '../lib/sessions'
import { KINDS } from '../lib/timeline'
import { state } from './panel'

export type View = 'sessions' | 'timeline' | 'create' | 'unseal'

/** What of the selected session is shown. */
export type Part = 'data' | 'cookie' | 'timeline' | 'copy'

export interface CreateDraft { name: string, userId: string, data: JsonObject }

export const part = ref<Part>('data')
export const view = ref<View>('sessions')
export const query = ref('')
export const selectedKey = ref('')
/** On a narrow screen the detail takes the list's place. */
export const isDetailOpen = ref(false)
export const timelineFilter = reactive({ key: '', kinds: new Set<TimelineKind>(KINDS) })
/** What the form to create a session starts with. */
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

// The list moves with every request; what one looks at stays.
watch(found, ([first]) => {
  if (first && !found.value.some(session => session.key === selectedKey.value)) selectedKey.value = first.key
})

// A new id is a new key: whoever looks at this browser's session goes on looking at it.
watch(state, (fresh, known) => {
  const was = known?.sessions.find(session => session.key === selectedKey.value)
  if (!was?.isCurrent || !fresh) return
  selectedKey.value = fresh.sessions.find(session => session.isCurrent && session.name === was.name)?.key ?? was.key
})
