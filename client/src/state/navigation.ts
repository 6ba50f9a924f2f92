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

// A new id is a new key: whoever looks at this browser's session goes on looking at it. The news of it can come
// before this browser has its cookie, so for a moment there may be no session of this browser.
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
