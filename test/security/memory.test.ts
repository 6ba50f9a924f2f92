import { describe, expect, it, vi } from 'vitest'
import { PASSWORD, usedHeap } from '../unit/support/app'
import { isCampaign, TIMEOUT } from './support/campaign'
import { iterations, World } from './support/world'

vi.setConfig({ testTimeout: TIMEOUT })

/** If they were never evicted, the keys of so many salts alone would take 12 MiB, in a campaign 120 MiB. */
const FLOOD = isCampaign ? 200_000 : 20_000
/** Bytes. The caches may still grow a little after the first tenth. */
const BOUND = 6 * 1024 * 1024

/** The growth of the heap in bytes from a flood's first tenth, in which the caches fill, to its end. */
async function growth(request: (number: number) => Promise<unknown>, count = FLOOD): Promise<number> {
  for (let number = 0; number < count / 10; number++) await request(number)
  const before = usedHeap()
  for (let number = count / 10; number < count; number++) await request(number)
  const grown = usedHeap() - before
  if (isCampaign) console.info(`${count} requests: ${(grown / 1024 / 1024).toFixed(2)} MiB more`)
  return grown
}

async function read(world: World, token: string, number: number): Promise<void> {
  // Like on a server, a slice of a longer text.
  const cookie = `other=${number}; h3=${token}; more=${'x'.repeat(400)}`.slice(0)
  await world.request({ cookie }).open()
  world.take()
}

describe('the heap after a flood', () => {
  it('of new valid tokens, each of another process with its own salts, has hardly grown', async () => {
    const server = new World('node, cached')
    const other = new World('node')
    const request = async (number: number) => {
      const token = await other.seal(JSON.stringify({ id: `id-${number}`, createdAt: server.env.now(), data: { number, text: 'x'.repeat(300) } }))
      await read(server, token, number)
    }
    expect(await growth(request)).toBeLessThan(BOUND)
  })

  it('of forged tokens has hardly grown', async () => {
    const server = new World('node, cached')
    const request = (number: number) => read(server, `Fe26.2**${number.toString(16).padStart(64, '0')}*AAAAAAAAAAAAAAAAAAAAAA*${'A'.repeat(600)}**${number.toString(16).padStart(64, 'f')}*${'A'.repeat(43)}`, number)
    expect(await growth(request)).toBeLessThan(BOUND)
  })

  it('of forged tokens with expensive keys has hardly grown', async () => {
    const server = new World('node, cached', { password: PASSWORD, seal: iterations(2) })
    const request = (number: number) => read(server, `Fe26.2**a*AAAAAAAAAAAAAAAAAAAAAA*AAAA**${number.toString(16).padStart(64, 'f')}*${'A'.repeat(43)}`, number)
    expect(await growth(request, FLOOD / 4)).toBeLessThan(BOUND)
  })

  it('of new visitors with writes has hardly grown', async () => {
    const server = new World('node, cached')
    const request = async (number: number) => {
      await (await server.request({}).use()).update({ number, text: 'x'.repeat(300) })
      server.take()
    }
    expect(await growth(request)).toBeLessThan(BOUND)
  })

  it('of calls with options that are made up has hardly grown', async () => {
    const server = new World('node, cached')
    const request = async (number: number) => {
      await server.request({ cookie: 'h3=x' }).open({ password: `${PASSWORD}${number}`, name: `n${number}` })
      server.take()
    }
    expect(await growth(request, FLOOD / 4)).toBeLessThan(BOUND)
  })
})
