import { computed, reactive, ref, shallowRef, watch } from 'vue'
import type { JsonObject } from '../../../src/devtools/protocol'
import { REQUEST_KINDS } from '../lib/requests'
import type { RequestKind } from '../lib/requests'
import { searchSessions, sortSessions } from '../lib/sessions'
import { importKey } from '../lib/report'
import type { SessionReport } from '../lib/report'
import { imports, state } from './panel'

export type View = 'sessions' | 'requests' | 'create' | 'unseal' | 'options'

/** The open tab of the selected session. */
export type Part = 'data' | 'cookie' | 'timeline' | 'export'

export interface CreateDraft { name: string, userId: string, data: JsonObject }

export const part = ref<Part>('data')
export const view = ref<View>('sessions')
export const query = ref('')
export const selectedKey = ref('')
/** Whether the facts below a session's summary are shown. */
export const areDetailsOpen = ref(false)
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
  selectSession(key)
  isDetailOpen.value = true
  view.value = 'sessions'
}

/** Shows an exported session beside those of the server. */
export function importReport(report: SessionReport): void {
  imports.value = [...imports.value, report]
  openSession(importKey(imports.value.length - 1))
}

export function openCreate(draft: CreateDraft): void {
  createDraft.value = draft
  view.value = 'create'
}

/** Whether the developer has chosen the shown session. Else it is the first one, until this browser has one. */
let isChosen = false

/** Shows a session that the developer chooses. */
export function selectSession(key: string): void {
  isChosen = true
  selectedKey.value = key
}

// A new id is a new key. If this browser's session is shown, its successor is shown next. The successor may be listed
// before this browser has its cookie, so for a moment no session may be this browser's.
let followed: string | undefined
watch(selectedKey, () => (followed = undefined), { flush: 'sync' })

// Every request changes the list, but the shown session stays shown.
watch(found, ([first]) => {
  if (!first || found.value.some(session => session.key === selectedKey.value)) return
  isChosen = false
  selectedKey.value = first.key
})
watch([state, selectedKey], ([fresh]) => {
  const sessions = fresh?.sessions ?? []
  const shown = sessions.find(session => session.key === selectedKey.value)
  if (shown?.isCurrent) followed = shown.name
  if (shown?.isCurrent || (isChosen && followed === undefined)) return
  const next = sessions.find(session => session.isCurrent && (followed === undefined || session.name === followed))
  if (next) selectedKey.value = next.key
})
