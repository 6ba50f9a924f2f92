import { expect, it } from 'vitest'
import { UnsentResponses } from '../../../src/devtools/unsent-responses'

it('keeps of each browser what a response sets last, however often it does', () => {
  const unsent = new UnsentResponses({ maxEntries: 2 })
  const [first, last, cart, other]: { sentAt?: number }[] = [{}, {}, {}, {}]
  unsent.add('stream', 'h3 browser', first!)
  unsent.add('stream', 'cart browser', cart!)
  unsent.add('stream', 'h3 browser', last!)
  unsent.add('other', 'h3 browser', other!)
  unsent.finish({ type: 'sent', request: 'stream', at: 5, status: 200, duration: 5 })
  expect([first, last, cart, other]).toEqual([{}, { sentAt: 5 }, { sentAt: 5 }, {}])
})
