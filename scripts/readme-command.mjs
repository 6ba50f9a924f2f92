/**
 * Runs one of the two commands at the beginning of the README, exactly as written there:
 *   node scripts/readme-command.mjs dev     until the playground responds with a page, then ends it
 *   node scripts/readme-command.mjs test    to its end
 * Plain JavaScript, because it runs before anything is installed, with the machine's own Node.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Seconds for installing the packages and getting the page. */
const PATIENCE = Number(process.env.PLAYGROUND_TIMEOUT || 900)

const [devLine, testLine] = commandLines()
const name = process.argv[2]
if (name === 'dev') await tryPlayground(commandOf(devLine), new URL(/https?:\S+/.exec(devLine)[0]))
else if (name === 'test') process.exitCode = await runToEnd(commandOf(testLine))
else fail('Name one of the README\'s commands: "dev" or "test".')

/** The two lines of the README's first block of code. */
function commandLines() {
  const [, block = ''] = /```bash\n(.*?)\n```/s.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8')) ?? []
  const lines = block.split('\n')
  if (lines.length !== 2 || !/npm run dev .*https?:/.test(lines[0]) || !/npm test/.test(lines[1]))
    fail(`The README must begin with two commands, "… npm run dev  # … and its address" and "… npm test". It has:\n${block}`)
  return lines
}

/** A line without its comment. */
function commandOf(line) {
  return line.replace(/\s+#.*/, '')
}

async function runToEnd(command) {
  const [code] = await once(start(command), 'close')
  return code ?? 1
}

async function tryPlayground(command, url) {
  if (await canConnect(url)) fail(`Another process already listens at ${url.host}, which the playground needs. End it and try again.`)
  // A separate process group, so that its children end with it.
  const child = start(command, { detached: true })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => endGroup(child).finally(() => process.exit(1)))
  const problem = await waitForPage(child, url)
  await endGroup(child)
  if (problem) fail(`"${command}" does not show the playground: ${problem}`)
  if (await canConnect(url)) fail(`"${command}" was ended, and something still listens at ${url.host}.`)
  console.log(`\n"${command}" shows the playground at ${url}`)
}

function start(command, options = {}) {
  console.log(`$ ${command}`)
  return spawn('bash', ['-c', command], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], ...options })
}

/** Resolves when the page is available, or to the reason why it is not. */
async function waitForPage(child, url) {
  const end = Date.now() + PATIENCE * 1000
  let answer
  while (Date.now() < end) {
    if (hasExited(child)) return `it ended (${child.signalCode ?? `code ${child.exitCode}`}) before ${url} answered with a page.`
    answer = await ask(url)
    if (answer === 'page') return undefined
    await delay(250)
  }
  return `after ${PATIENCE} seconds, ${url} answers: ${answer}`
}

/** `page` if Nuxt rendered one, else the other response. While Nuxt starts, it responds with a loading page and 503. */
async function ask(url) {
  try {
    const response = await fetch(url, { headers: { accept: 'text/html' }, signal: AbortSignal.timeout(60_000) })
    const body = await response.text()
    return response.status === 200 && body.includes('id="__nuxt"') ? 'page' : `${response.status} ${body.slice(0, 500)}`
  }
  catch (error) {
    return error.cause?.code ?? error.message
  }
}

/** Ends the process group: by SIGTERM, and after ten seconds by force. */
async function endGroup(child) {
  const end = Date.now() + 10_000
  signalGroup(child, 'SIGTERM')
  while (signalGroup(child, 0)) {
    if (Date.now() > end) return signalGroup(child, 'SIGKILL')
    await delay(50)
  }
}

/** Whether the group still has a process. Signal 0 only checks this. */
function signalGroup(child, signal) {
  try {
    return process.kill(-child.pid, signal)
  }
  catch {
    return false
  }
}

function hasExited(child) {
  return child.exitCode !== null || child.signalCode !== null
}

function canConnect({ hostname, port }) {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false)).once('connect', () => socket.destroy())
  })
}

function fail(message) {
  console.error(`\n${message}`)
  process.exit(1)
}
