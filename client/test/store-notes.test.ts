import { expect, it } from 'vitest'
import { storeNotes } from '../src/lib/store-notes'

const limits = { cookieBytes: 4096, cookies: {}, requests: 500, sessions: 1000, stored: 100 }

it('notes which stores have more sessions than are listed, and which cannot be read', () => {
  const stores = [
    { storage: 'small', names: ['main'], hasMore: false },
    { storage: 'large', names: ['main'], hasMore: true },
    { storage: 'down', names: [], hasMore: false, error: 'It does not answer.' },
  ]
  expect(storeNotes({ stores, limits })).toEqual([
    { text: 'The store “large” has more sessions. The list shows the first 100, in the store\'s own order, and those of requests.', isFailure: false },
    { text: 'The store “down” cannot be read: It does not answer.', isFailure: true },
  ])
})
