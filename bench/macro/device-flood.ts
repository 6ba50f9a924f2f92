import { randomBytes } from 'node:crypto'
import { readChallenge } from '../../test/support/device-key.ts'
import { bindVisitor } from './bound-visitors.ts'
import { forgeFresh } from './forgery.ts'
import type { ServerProcess } from './server-process.ts'
import type { Target } from './target.ts'

export const NO_LOGIN = 'device flood, no login'
export const NEW_CHALLENGES = 'device flood, new challenges'
export const ONE_CHALLENGE = 'device flood, one challenge'

/** A session gets at most 60 in a minute. */
const CHALLENGES = 50
const REGISTER = '/api/_session/device/register?name=bound'

/** Hostile requests to the endpoint of bound sessions: without a login, and of a user who has bound a session of their own. */
export async function deviceFloodTargets(server: ServerProcess, bytes: number, count: number): Promise<Target[]> {
  const forged = Array.from({ length: count }, () => forgeFresh('bound'))
  const jwk = { kty: 'EC', crv: 'P-256', x: random(32), y: random(32) }
  const { cookie, refreshPath } = await bindVisitor(server, '/bound/start', bytes)
  const challenges: string[] = []
  while (challenges.length < CHALLENGES) challenges.push(await askChallenge(server, refreshPath, cookie))
  const cookies = forged.map(() => cookie)
  return [
    { name: NO_LOGIN, path: REGISTER, cookies: forged, deviceTokens: forged.map(each => wrongToken(each.slice('bound='.length), { jwk })) },
    { name: NEW_CHALLENGES, path: refreshPath, cookies, deviceTokens: cookies.map((_, at) => wrongToken(challenges[at % CHALLENGES]!)) },
    { name: ONE_CHALLENGE, path: refreshPath, cookies, deviceTokens: cookies.map(() => wrongToken(challenges[0]!)) },
  ]
}

async function askChallenge(server: ServerProcess, path: string, cookie: string): Promise<string> {
  const response = await fetch(server.url + path, { method: 'POST', headers: { cookie } })
  await response.text()
  const next = readChallenge(response.headers.get('secure-session-challenge'))
  if (!next) throw new Error(`${path} answered ${response.status} without a challenge.\n${server.errors}`)
  return next.challenge
}

/** A token of the form that browsers send, whose signature is random. */
function wrongToken(challenge: string, header: object = {}): string {
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url')
  return `${part({ alg: 'ES256', typ: 'dbsc+jwt', ...header })}.${part({ jti: challenge })}.${random(64)}`
}

function random(bytes: number): string {
  return randomBytes(bytes).toString('base64url')
}
