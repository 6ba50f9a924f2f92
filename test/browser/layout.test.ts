import { readFile } from 'node:fs/promises'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { SIZES, suiteSamplePanel } from './support/sample-panel'
import { isHidden, openTabStrip } from './support/tab-strip'

const { openSample, showSample } = suiteSamplePanel()

const VIEWS = ['Sessions', 'Requests', 'Create', 'Unseal', 'Options']

describe.each(Object.entries(SIZES))('in the size %s', (size, viewport) => {
  it('every view fits without scrolling the page, and every tab can be seen', async () => {
    const page = await openSample({ viewport })
    for (const name of VIEWS) {
      const tab = page.getByRole('tab', { name: new RegExp(`^${name}`) }).first()
      await expectInside(page, tab)
      await tab.click()
      await expectNoOverflow(page)
    }
  })

  it('a row of the list shows the user, how long the session still lives, and its size', async () => {
    const page = await openSample({ viewport })
    const row = page.getByRole('option').filter({ hasText: 'Barbara Liskov' })
    expect(await row.locator('.user').evaluate(user => user.clientWidth)).toBeGreaterThan(90)
    for (const part of ['.user', '.expiry', '.size']) await expectInside(page, row.locator(part), row)
  })

  it('the badge of this browser is not cut off', async () => {
    const page = await openSample({ viewport })
    const row = page.getByRole('option').first()
    await expectInside(page, row.getByText('this browser'), row.locator('.badges'))
  })

  it('a row shows all badges of a session, also of one that the store had before a restart', async () => {
    const page = await openSample({ viewport }, '&store')
    const row = page.getByRole('option').filter({ hasText: 'before the restart' })
    for (const badge of ['before the restart', 'only in store']) await expectInside(page, row.getByText(badge), row.locator('.badges'))
    for (const part of ['.user', '.expiry', '.size']) await expectInside(page, row.locator(part), row)
  })

  it('a row shows its time in full and in line with the others, also beside many badges and without a user', async () => {
    const page = await openSample({ viewport }, '&store&badges')
    const row = page.getByRole('option').first()
    for (const badge of ['this browser', 'before the restart', 'store']) await expectInside(page, row.getByText(badge, { exact: true }), row.locator('.badges'))
    const rows = await page.getByRole('option').filter({ has: page.locator('.expiry') }).all()
    const rights: number[] = []
    for (const each of rows) {
      await expectInside(page, each.locator('.expiry'), each)
      rights.push(await each.locator('.expiry').evaluate(time => Math.round(time.getBoundingClientRect().right)))
    }
    expect(new Set(rights).size).toBe(1)
  })

  it('the message about a store that cannot be read has at most 3 lines, and its details on request', async () => {
    const page = await openSample({ viewport }, '&store=down')
    const note = page.getByRole('listitem').filter({ hasText: 'cannot be read' })
    const lines = await note.evaluate(item => item.getBoundingClientRect().height / Number.parseFloat(getComputedStyle(item).lineHeight))
    expect(lines).toBeLessThanOrEqual(3)
    const details = note.getByText(/SESSION_STORE_UNAVAILABLE.*"storeTimeout" is the time to wait for it/)
    expect(await details.isVisible()).toBe(false)
    await note.getByText('Details').click()
    await details.waitFor()
    await expectNoOverflow(page)
  })

  it('a session shows data without scrolling, and its tabs stay when its data is scrolled', async () => {
    const page = await openSample({ viewport })
    await page.getByRole('option').first().click()
    await expectInside(page, page.getByRole('tree').or(page.locator('.tree')).getByText('user', { exact: true }).first())
    await expectNoOverflow(page)
    await page.locator('.detail').evaluate(detail => detail.scrollTo(0, detail.scrollHeight))
    await expectInside(page, page.getByRole('tab', { name: 'Cookie' }))
  })

  it('a long tree of data scrolls in its own box only', async () => {
    const page = await openSample({ viewport }, '&keys=60')
    await page.getByRole('option').first().click()
    const last = page.getByRole('button', { name: /^key59 was last written by/ })
    await last.waitFor()
    expect(await page.locator('.detail').evaluate(({ scrollHeight, clientHeight }) => scrollHeight / clientHeight)).toBeGreaterThan(2)
    await expectNoOverflow(page)
    await last.focus()
    await expectInside(page, last)
    expect(await page.evaluate(() => scrollY)).toBe(0)
  })

  it.each(['', '&store&badges', '&store=down', '&hostile'])('a text that is cut off has a title, with %j', async (sample) => {
    const page = await openSample({ viewport }, sample)
    const expectTitles = async () => expect(await page.locator('*:visible').evaluateAll(all => all
      .filter(each => getComputedStyle(each).textOverflow === 'ellipsis' && each.scrollWidth > each.clientWidth && !(each as HTMLElement).title)
      .map(each => `${each.className}: ${each.textContent.trim().slice(0, 80)}`))).toEqual([])
    await expectTitles()
    await page.getByRole('option').first().click()
    await page.getByRole('article').first().waitFor()
    await expectTitles()
    expect(await page.locator('.detail .summary > p').evaluate(summary => (summary as HTMLElement).title === summary.textContent.trim())).toBe(true)
    await page.getByRole('tab', { name: /^Requests/ }).first().click()
    await expectTitles()
  })

  it('data that is too large to show has the sizes of its keys', async () => {
    const page = await openSample({ viewport })
    await page.getByRole('option').filter({ hasText: 'header' }).click()
    await page.getByText('only the sizes of its keys are shown').waitFor()
    await expectInside(page, page.getByRole('row', { name: /searchResults/ }).first())
    await expectNoOverflow(page)
    expect(size).not.toBe('')
  })
})

it.each(Object.entries(SIZES))('a long user id and characters that reverse text change nothing around them, in the size %s', async (_, viewport) => {
  const page = await openSample({ viewport }, '&hostile')
  const reversing = () => page.evaluate(() => /[\u202A-\u202E\u2066-\u2069]/.test(document.body.textContent))
  const row = page.getByRole('option').first()
  await row.getByText(String.raw`admin \u202etxet`).waitFor()
  for (const part of ['.expiry', '.size']) await expectInside(page, row.locator(part), row)
  await row.click()
  await expectInside(page, page.getByRole('tab', { name: 'Cookie' }))
  await page.getByRole('button', { name: 'Details' }).click()
  expect((await page.locator('.detail .session-facts').textContent())!.length).toBeLessThan(2000)
  await page.getByRole('button', { name: 'Copy the user id' }).waitFor()
  await page.getByText(String.raw`note\u202e`, { exact: true }).waitFor()
  await page.getByText(String.raw`"value\u202e"`).waitFor()
  expect(await page.locator('.tree .node').filter({ hasText: 'of an empty key' }).locator('.name').textContent()).toBe('""')
  await expectNoOverflow(page)
  expect(await reversing()).toBe(false)
  await page.getByRole('tab', { name: /^Requests/ }).first().click()
  await expectNoOverflow(page)
  expect(await reversing()).toBe(false)
})

it.each(['light', 'dark'] as const)('borders of controls have a contrast of 3:1 in %s mode', async (colorScheme) => {
  const page = await openSample({ viewport: SIZES.window, colorScheme })
  const colors = await page.getByRole('searchbox').evaluate((field) => {
    const toPixel = (color: string) => {
      const context = new OffscreenCanvas(1, 1).getContext('2d')!
      context.fillStyle = getComputedStyle(document.body).backgroundColor
      context.fillRect(0, 0, 1, 1)
      context.fillStyle = color
      context.fillRect(0, 0, 1, 1)
      return [...context.getImageData(0, 0, 1, 1).data]
    }
    return [getComputedStyle(field).borderTopColor, getComputedStyle(document.body).backgroundColor].map(toPixel)
  })
  expect(contrastOf(colors[0]!, colors[1]!)).toBeGreaterThanOrEqual(3)
})

it('a tab\'s name has its count as a separate word', async () => {
  const page = await openSample({ viewport: SIZES.window }, '&sessions=33')
  await page.getByRole('tab', { name: 'Sessions, 33', exact: true }).waitFor()
})

it.each([['de-DE', /^\d{2}:\d{2}:\d{2},\d{3}$/], ['en-US', /^\d{1,2}:\d{2}:\d{2}\.\d{3}\s[AP]M$/]])('times have 12 or 24 hours as in %s', async (locale, form) => {
  const page = await openSample({ viewport: SIZES.window, locale })
  await page.getByRole('tab', { name: /^Requests/ }).first().click()
  expect(await page.locator('time').first().textContent()).toMatch(form)
})

it('a paused panel shows what has happened when it is resumed', async () => {
  const page = await openSample({ viewport: SIZES.window })
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Regenerate id' }).click()
  await page.getByText('The session has a new id.').waitFor()
  await page.getByText('Paused.').waitFor()
  expect(await page.getByRole('option').filter({ hasText: 'regenerated' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('option').filter({ hasText: 'regenerated' }).waitFor()
})

it('a hidden panel does not tick, and is up to date when it is shown', async () => {
  const tabs = await openTabStrip()
  const page = await tabs.newPage()
  await page.clock.install()
  await showSample(page)
  const used = page.getByRole('option').first().getByText(/^used/)
  await used.waitFor()
  await page.clock.runFor(2000)
  await used.filter({ hasText: /^used [7-9] s ago$/ }).waitFor()
  const other = await tabs.newPage()
  await expect.poll(() => isHidden(page)).toBe(true)
  await page.evaluate(() => new MutationObserver(changes => Object.assign(window, { changes })).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true }))
  await page.clock.runFor(60_000)
  expect(await page.evaluate(() => 'changes' in window)).toBe(false)
  await page.bringToFront()
  await expect.poll(() => isHidden(other)).toBe(true)
  await page.clock.runFor(1000)
  await used.filter({ hasText: 'used 1 min ago' }).waitFor()
})

it('the last writer of a key stays when the requests are cleared', async () => {
  const page = await openSample({ viewport: SIZES.window })
  await page.getByRole('button', { name: 'cart was last written by POST /api/cart and 1 earlier' }).waitFor()
  await page.getByRole('button', { name: /^Clear requests/ }).click()
  await page.getByRole('tab', { name: 'Requests, 0', exact: true }).waitFor()
  await page.getByRole('button', { name: 'cart was last written by POST /api/cart', exact: true }).click()
  await page.getByRole('list', { name: 'History of cart' }).getByText('This request is no longer listed').waitFor()
  await page.getByRole('button', { name: 'server/api/cart.post.ts:7' }).first().waitFor()
})

it('flash data has its last writer and its history', async () => {
  const page = await openSample({ viewport: SIZES.window })
  await page.getByRole('list', { name: 'Flash data' }).getByRole('button', { name: 'flash.message was last written by POST /api/cart' }).click()
  await page.getByRole('list', { name: 'History of flash.message' }).getByRole('button', { name: '+flash.message POST /api/cart' }).waitFor()
})

it('the data says once that the last writers of some of its keys are not kept, if it has too many', async () => {
  const page = await openSample({ viewport: SIZES.window }, '&keys=120')
  const unkept = page.getByText(/The last writers of .* are not known/)
  await page.getByText('The last writers of 26 keys are not known: the tab keeps those of the 100 keys that were written last.').waitFor()
  expect(await unkept.count()).toBe(1)
  await showSample(page, '&keys=60')
  await page.getByRole('button', { name: /^key59 was last written by/ }).waitFor()
  expect(await unkept.count()).toBe(0)
})

it('an empty timeline of a session says that its requests were cleared, also if the list has others', async () => {
  const page = await openSample({ viewport: SIZES.window })
  await page.getByRole('button', { name: /^Clear requests/ }).click()
  await page.getByRole('button', { name: 'Regenerate id' }).click()
  await page.getByRole('tab', { name: 'Requests, 1', exact: true }).waitFor()
  await page.getByRole('option').filter({ hasText: 'Grace Hopper' }).click()
  await page.getByRole('tab', { name: 'Timeline, 0 requests', exact: true }).click()
  await page.getByRole('tabpanel', { name: /^Timeline/ }).getByText('No request has used this session since the requests were cleared.', { exact: true }).waitFor()
})

it.each(Object.entries(SIZES))('the history of a key is below its key and its value, in the size %s', async (_, viewport) => {
  const page = await openSample({ viewport })
  await page.getByRole('option').first().click()
  const tree = page.getByRole('list', { name: 'The session\'s data' })
  const button = page.getByRole('button', { name: /^cart was last written/ })
  const before = (await button.boundingBox())!.x
  await button.click()
  const boxOf = async (part: Locator) => (await part.boundingBox())!
  const history = await boxOf(page.getByRole('list', { name: 'History of cart' }))
  const [key, next] = [await boxOf(tree.locator('> .node', { hasText: 'cart' }).first().locator('> details')), await boxOf(tree.locator('> .node', { hasText: 'visits' }).first())]
  expect(history.y).toBeGreaterThanOrEqual(key.y + key.height - 1)
  expect(history.y + history.height).toBeLessThanOrEqual(next.y + 1)
  expect((await boxOf(button)).x, 'the button stays at its place').toBe(before)
})

it.each([400, 972, 1330])('each writer is in the line of its key, or directly below its value, at %i pixels', async (width) => {
  const page = await openSample({ viewport: { width, height: 800 } }, '&keys=81')
  await page.getByRole('option').first().click()
  const places = () => page.getByRole('list', { name: 'The session\'s data' }).evaluate((tree) => {
    const box = (part: Element) => part.getBoundingClientRect()
    const lines = [...tree.querySelectorAll('.name')].filter(name => /^key\d+$/.test(name.textContent)).map(name => ({ key: name.textContent, name: box(name), value: box(name.closest('.leaf, details')!) }))
    const writers = new Map([...tree.querySelectorAll('.writers')].map(writer => [/^\S+/.exec(writer.textContent.trim())![0], box(writer)]))
    const middle = ({ top, height }: DOMRect) => top + height / 2
    return lines.map(({ key, name, value }, index) => {
      const writer = writers.get(key)!
      const isBeside = Math.abs(middle(writer) - middle(name)) < 2 && writer.left >= name.right
      const isBelow = Math.abs(writer.top - value.bottom) < 5 && writer.bottom <= (lines[index + 1]?.value.top ?? Infinity) + 1
      return isBeside ? 'beside' : isBelow ? 'below' : `${key}: ${Math.round(middle(writer) - middle(name))} pixels off`
    })
  })
  const expected = Array.from({ length: 81 }, () => width === 400 ? 'below' : 'beside')
  expect(await places()).toEqual(expected)
  await page.locator('.tree summary .name').getByText('key20', { exact: true }).click()
  await page.getByRole('button', { name: /^key40 was last written/ }).click()
  await page.getByRole('list', { name: 'History of key40' }).waitFor()
  expect(await places(), 'with a closed object and an open history').toEqual(expected)
})

it.each([SIZES.window, SIZES.embedded])('the columns of the requests are in line, whatever their badges, in %j', async (viewport) => {
  const page = await openSample({ viewport, locale: 'en-US' })
  await page.getByRole('tab', { name: /^Requests/ }).first().click()
  const badges = await page.locator('.request-row .kinds').evaluateAll(all => all.map(({ childElementCount }) => childElementCount))
  expect(new Set(badges).size, 'rows with one and with two badges').toBeGreaterThan(1)
  const columns = await page.locator('.request-row .method').evaluateAll(all => all.map(method => method.getBoundingClientRect().x))
  expect(new Set(columns).size).toBe(1)
})

it.each([SIZES.window, SIZES.embedded, { width: 640, height: 480 }])('a request with a reason shows its user in full, and shortens the reason, in %j', async (viewport) => {
  const page = await openSample({ viewport })
  await page.getByRole('tab', { name: /^Requests/ }).first().click()
  const row = page.locator('.request-row').filter({ hasText: 'tampered' })
  const isCut = (part: string) => row.locator(part).evaluate(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
  await expectInside(page, row.getByText('Rev (rv)'), row)
  expect({ who: await isCut('.who'), why: await isCut('.why') }).toEqual({ who: false, why: true })
  await expectNoOverflow(page)
})

describe.each(['Unseal', 'Create'])('a text that is too long to be sent is refused by the field of %s', (view) => {
  const put: Record<string, (field: Locator, text: string) => Promise<unknown>> = {
    async pasted(field, text) {
      await field.page().context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await field.page().evaluate(text => navigator.clipboard.writeText(text), text)
      await field.press('ControlOrMeta+a')
      await field.press('ControlOrMeta+v')
    },
    async dropped(field, text) {
      await field.evaluate((_, text) => {
        const source = Object.assign(document.createElement('textarea'), { id: 'source', value: text })
        source.style.cssText = 'position: fixed; inset: auto auto 0 0; height: 60px'
        document.body.append(source)
        source.select()
      }, text)
      await field.page().locator('#source').dragTo(field)
      await field.evaluate(() => document.querySelector('#source')!.remove())
    },
    async typed(field, text) {
      await field.press('ControlOrMeta+a')
      await field.page().keyboard.insertText(text)
    },
    set: (field, text) => field.evaluate((textarea: HTMLTextAreaElement, text) => {
      textarea.value = text
      textarea.dispatchEvent(new InputEvent('input', { bubbles: true }))
    }, text),
  }

  it.each(Object.keys(put))('if it is %s', async (how) => {
    const page = await openSample({ viewport: SIZES.window })
    await page.getByRole('tab', { name: view }).click()
    const field = page.locator('textarea.input')
    await field.fill('{"before":1}')
    await put[how]!(field, 'x'.repeat(400 * 1024))
    // A dropped text is added to the one before.
    await page.getByRole('alert').getByText(/it has 40[01] KB, and the limit is 256 KB/).waitFor()
    expect(await field.inputValue()).toBe('{"before":1}')
    await put[how]!(field, '{"after":1}')
    await expect.poll(() => field.inputValue()).toContain('{"after":1}')
  })

  it('if it becomes so by several texts', async () => {
    const page = await openSample({ viewport: SIZES.window })
    await page.getByRole('tab', { name: view }).click()
    const field = page.locator('textarea.input')
    const first = 'x'.repeat(200 * 1024)
    await field.fill(first)
    await page.keyboard.insertText('y'.repeat(200 * 1024))
    await page.getByRole('alert').getByText('it has 400 KB, and the limit is 256 KB').waitFor()
    expect(await field.inputValue() === first).toBe(true)
  })
})

it('an exported session may be longer than a text that is sent', async () => {
  const page = await openSample({ viewport: SIZES.window })
  await page.getByRole('tab', { name: 'Unseal' }).click()
  const report = '{"format":"nuxt-h3-session/report"'.padEnd(400 * 1024, ' ')
  await page.getByRole('textbox').fill(report)
  expect(await page.getByRole('textbox').inputValue()).toBe(report)
  expect(await page.getByRole('alert').textContent()).toBe('')
})

it('data with the key __proto__ is refused at the field, before a session is created or changed', async () => {
  const page = await openSample({ viewport: SIZES.window })
  const refusal = page.getByText('Session data cannot have the key "__proto__"').and(page.locator('.danger'))
  const expectRefused = async (button: RegExp) => {
    await page.getByLabel('Data as JSON').fill('{ "user": { "__proto__": { "admin": true } } }')
    await refusal.filter({ hasText: 'Remove user.__proto__' }).waitFor()
    expect(await page.getByRole('button', { name: button }).evaluateAll(all => all.every(each => (each as HTMLButtonElement).disabled))).toBe(true)
  }
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await expectRefused(/^Apply/)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('tab', { name: 'Create' }).click()
  await expectRefused(/^(?:Create in this browser|Make a link)$/)
})

it('a preset without a user does not log in', async () => {
  const page = await openSample({ viewport: SIZES.window })
  await page.getByRole('tab', { name: 'Create' }).click()
  await page.getByRole('button', { name: 'Log in as admin' }).waitFor()
  await page.getByRole('button', { name: 'Create “guest”' }).waitFor()
})

it.each(['light', 'dark'] as const)('every control has a name, and one tab stop leads into each list of tabs, in %s mode', async (colorScheme) => {
  const page = await openSample({ viewport: SIZES.window, colorScheme })
  for (const view of VIEWS) {
    await page.getByRole('tab', { name: new RegExp(`^${view}`) }).first().click()
    const unnamed = await page.locator('button, input, select, textarea, [role=listbox], [role=tabpanel]').evaluateAll(controls => controls
      .filter(control => control.checkVisibility() && !control.ariaLabel && !control.textContent?.trim() && !control.getAttribute('aria-labelledby') && !(control as HTMLInputElement).labels?.length)
      .map(control => control.outerHTML))
    expect(unnamed).toEqual([])
    for (const tabs of await page.getByRole('tablist').all())
      expect(await tabs.getByRole('tab').evaluateAll(all => all.filter(({ tabIndex }) => tabIndex === 0).length)).toBe(1)
  }
})

it('the keyboard moves through tabs, the list of sessions, and requests', async () => {
  const page = await openSample({ viewport: SIZES.window })
  const focused = () => page.locator(':focus')
  await page.getByRole('tab', { name: /^Sessions/ }).focus()
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => focused().textContent()).toContain('Requests')
  await page.keyboard.press('Home')
  await expect.poll(() => focused().textContent()).toContain('Sessions')
  await page.getByRole('listbox').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Grace Hopper' }).and(page.locator(':focus')).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('listbox').and(page.locator(':focus')).waitFor()
  await page.getByRole('tab', { name: /^Requests/ }).click()
  await page.locator('.request-row').first().focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('.request-row').nth(1).getAttribute('aria-expanded')).toBe('true')
})

it('an exported session is opened again, without its secrets', async () => {
  const page = await openSample({ viewport: SIZES.window })
  await page.getByRole('tab', { name: 'Export' }).click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()])
  expect(download.suggestedFilename()).toMatch(/^session-[\da-f]{8}\.json$/)
  const text = await readFile(await download.path(), 'utf8')
  expect(text).not.toMatch(/gho_|r-4711/)
  await page.getByLabel('With secrets').check()
  const [complete] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()])
  expect(await readFile(await complete.path(), 'utf8')).toMatch(/gho_/)

  const requests = () => page.getByRole('tab', { name: /^Requests/ }).getAttribute('aria-label')
  const before = await requests()
  await page.getByRole('tab', { name: 'Unseal' }).click()
  await page.getByLabel('File of an exported session').setInputFiles({ name: 'session.json', mimeType: 'application/json', buffer: Buffer.from(text) })
  const row = page.getByRole('option').filter({ hasText: 'imported' })
  expect(await row.getAttribute('aria-selected')).toBe('true')
  await page.getByRole('tab', { name: /^Timeline, [1-9]/ }).click()
  await page.locator('.detail .request-row').first().click()
  await page.locator('.detail .diff').first().waitFor()
  expect(await requests(), 'the requests of the server are listed without those of the file').toBe(before)
})

it('an error disappears when the same action succeeds', async () => {
  const page = await openSample({ viewport: SIZES.window })
  await page.getByRole('tab', { name: 'Unseal' }).click()
  const unseal = async (text: string) => {
    await page.getByRole('textbox').fill(text)
    await page.getByRole('button', { name: 'Unseal', exact: true }).click()
  }
  const alert = page.getByText('The exported session is not complete')
  await unseal('{ "format": "nuxt-h3-session/report", "version": 1 }')
  await alert.waitFor()
  await unseal('Fe26.2**')
  await page.getByRole('article').first().waitFor()
  expect(await alert.count()).toBe(0)
})

async function expectInside(page: Page, part: Locator, outer?: Locator): Promise<void> {
  await part.waitFor()
  const box = (await part.boundingBox())!
  const { width, height } = page.viewportSize()!
  const frame = outer ? (await outer.boundingBox())! : { x: 0, y: 0, width, height }
  const sides = { left: box.x >= frame.x - 1, top: box.y >= frame.y - 1, right: box.x + box.width <= frame.x + frame.width + 1, bottom: box.y + box.height <= frame.y + frame.height + 1 }
  expect(sides, await part.textContent() ?? '').toEqual({ left: true, top: true, right: true, bottom: true })
}

async function expectNoOverflow(page: Page): Promise<void> {
  const wide = await page.evaluate(() => [document.documentElement, ...document.querySelectorAll('.scroll')].filter(box => box.scrollWidth > box.clientWidth).map(box => box.className))
  expect(wide).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollHeight), 'the height of the whole page').toBeLessThanOrEqual(page.viewportSize()!.height)
}

function contrastOf(one: number[], other: number[]): number {
  const [darker, lighter] = [one, other].map((color) => {
    const [red, green, blue] = color.slice(0, 3).map(value => value / 255).map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
  }).toSorted((a, b) => a - b)
  return (lighter! + 0.05) / (darker! + 0.05)
}
