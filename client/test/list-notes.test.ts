import { expect, it } from 'vitest'
import { noRequests, noRequestsOf, requestNote, sessionNotes } from '../src/lib/list-notes'
import { request, session } from './session'

const limits = { cookieBytes: 4096, sealLength: 16_384, cookies: {}, requests: 500, sessions: 1000, stored: 100 }

it('notes which stores have more sessions than are listed, and which cannot be read', () => {
  const stores = [
    { storage: 'small', names: ['main'], hasMore: false },
    { storage: 'large', names: ['main'], hasMore: true },
    { storage: 'down', names: [], hasMore: false, error: 'It does not answer.' },
  ]
  expect(sessionNotes({ sessions: [], stores, limits })).toEqual([
    { text: 'The store “large” has more sessions. The list shows the first 100, in the store\'s own order, and those of requests.', isFailure: false },
    { text: 'The store “down” cannot be read.', details: 'It does not answer.', isFailure: true },
  ])
})

it('notes that the list of sessions is full, without sessions that no request has used', () => {
  const few = { stores: [], limits: { ...limits, sessions: 2 } }
  expect(sessionNotes({ ...few, sessions: [session(), session({ transport: 'unknown' }), session({ origin: 'file' })] })).toEqual([])
  expect(sessionNotes({ ...few, sessions: [session(), session()] })).toEqual([{ text: 'The list has the 2 sessions that requests have used last. Older ones were dropped.', isFailure: false }])
})

it('notes that the list of requests is full', () => {
  const all = Array.from({ length: 3 }, () => request([{}]))
  expect(requestNote({ requests: all, limits })).toBeUndefined()
  expect(requestNote({ requests: all, limits: { ...limits, requests: 3 } })).toBe('DevTools keeps the newest 3 requests of all sessions. Older ones were dropped, first those that change nothing.')
})

it('says why a list of requests is empty: only the list of all requests has a filter', () => {
  expect(noRequests({ requests: [] })).toMatch(/^No requests yet\. /)
  expect(noRequests({ requests: [request([{}])] })).toBe('No request matches.')
  const state = { clears: 1, requests: [request([{}])], limits }
  expect(noRequestsOf(session(), { ...state, clears: 0 })).toBe('No request of this session is listed.')
  expect(noRequestsOf(session(), { ...state, limits: { ...limits, requests: 1 } })).toBe('No request of this session is listed.')
  expect(noRequestsOf(session(), state)).toBe('No request has used this session since the requests were cleared.')
  expect(noRequestsOf(session({ transport: 'unknown' }), state)).toBe('No request has used this session since the development server started.')
  expect(noRequestsOf(session({ origin: 'file' }), state)).toBe('The imported file has no requests of this session.')
})
