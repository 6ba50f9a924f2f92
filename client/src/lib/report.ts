import { isDeeper, MAX_LEVELS, TOO_DEEP } from '../../../src/runtime/server/devtools/depth'
import type { BeforeAndAfter, DataResponse, JsonObject, TimelineEvent } from '../../../src/devtools/protocol'
import { messageOf } from './errors'
import { isJsonObject } from './json'
import { maskValue } from './mask'
import { problemOf } from './report-rules'
import type { PanelRequest, PanelSession, PanelState } from './state'

/** Around the data of an event. */
const REPORT_LEVELS = 6

const FORMAT = 'nuxt-h3-session/report'

/** A session with its timeline, for a bug report. */
export interface SessionReport {
  format: typeof FORMAT
  version: 1
  exportedAt: string
  session: PanelSession
  requests: PanelRequest[]
}

/** Without secrets, it has neither the hidden values, nor session ids and the IP address. The user id and the handle stay. */
export function createReport(session: PanelSession, body: DataResponse | undefined, requests: readonly PanelRequest[], { withSecrets, now }: { withSecrets: boolean, now: number }): SessionReport {
  const shown = (data: JsonObject | undefined) => data && (withSecrets ? data : maskValue(data).value as JsonObject)
  const sidesOf = ({ before, after }: BeforeAndAfter) => ({ before: shown(before), after: shown(after) })
  const withoutId = <T extends { id?: string }>(item: T): T => withSecrets ? item : { ...item, id: undefined }
  return {
    format: FORMAT,
    version: 1,
    exportedAt: new Date(now).toISOString(),
    session: { ...withoutId(session), seals: undefined, requests: undefined, earlierWriters: undefined, ...!withSecrets && { ip: undefined }, data: shown(body?.data), flash: shown(body?.flash) },
    requests: requests.map(({ id, at, method, path, isPrefetch, status, duration, events }) => ({
      id, at, method, path, isPrefetch, status, duration,
      events: events.map(event => ({ ...withoutId(eventFields(event)), data: event.data && { ...sidesOf(event.data), flash: event.data.flash && sidesOf(event.data.flash) } })),
    })),
  }
}

/** Named one by one, so that no other field with data gets into a report. */
function eventFields({ seq, at, kind, key, id, user, name, keeper, reason, explanation, sizes, sources, changes, lost, sameChange, hasData }: TimelineEvent): TimelineEvent {
  return { seq, at, kind, key, id, user, name, keeper, reason, explanation, sizes, sources, changes, lost, sameChange, hasData }
}

export function isReportText(text: string): boolean {
  return text.trimStart().startsWith('{') && text.includes(`"${FORMAT}"`)
}

/** Reads an exported session. @throws an error with a sentence for the developer */
export function readReport(text: string): SessionReport {
  const value = parse(text)
  if (isDeeper(value, MAX_LEVELS + REPORT_LEVELS)) throw new Error(TOO_DEEP)
  if (!isJsonObject(value) || value.format !== FORMAT) throw new Error('This file is not an exported session.')
  if (value.version !== 1) throw new Error('This session was exported by a newer version of nuxt-h3-session.')
  const problem = problemOf(value, '')
  if (problem !== undefined) throw new Error(`The exported session is not complete, or was changed: ${problem}.`)
  return value as unknown as SessionReport
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  }
  catch (error) {
    throw new Error(`Not valid JSON: ${messageOf(error)}`, { cause: error })
  }
}

export function importKey(index: number): string {
  return `imported:${index}`
}

/** Adds imported sessions to a state. Their requests stay apart from those of the server. */
export function withImports(state: PanelState, reports: readonly SessionReport[]): PanelState {
  if (reports.length === 0) return state
  const sessions = reports.map(({ session, requests }, index): PanelSession => {
    const key = importKey(index)
    return { ...session, key, previous: undefined, next: undefined, isCurrent: false, isLost: undefined, earlierWriters: undefined, origin: 'file', requests: requests.map(request => importedRequest(request, key)) }
  })
  return { ...state, sessions: [...state.sessions, ...sessions] }
}

/** The state in which a session is shown: an imported session has only its own requests. */
export function stateOf({ requests }: PanelSession, state: PanelState): PanelState {
  return requests ? { ...state, requests } : state
}

/** The server's event of the same number is another one, so its data must not be fetched. */
function importedRequest({ events, ...request }: PanelRequest, key: string): PanelRequest {
  return { ...request, events: events.map(event => ({ ...event, key, hasData: event.data !== undefined })) }
}
