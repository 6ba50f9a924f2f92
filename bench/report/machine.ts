import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../paths.ts'

const PACKAGES = [
  'h3', 'h3-next', 'nitropack', 'iron-webcrypto', '@hapi/iron', 'nuxt-auth-utils', 'iron-session', 'express',
  'express-session', 'fastify', '@fastify/secure-session', 'autocannon', 'mitata',
]

/** The machine and the versions, as lines of a list. */
export function describeMachine(now: Date): string[] {
  const [cpu] = cpus()
  return [
    `- date: ${now.toISOString().slice(0, 10)}, commit ${commit()}`,
    `- machine: ${cpu?.model.trim() ?? 'unknown'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${platform()} ${release()}`,
    `- Node ${process.versions.node}, V8 ${process.versions.v8}, OpenSSL ${process.versions.openssl}`,
    `- packages: ${PACKAGES.map(name => `${name} ${versionOf(name)}`).join(', ')}`,
  ]
}

function versionOf(name: string): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }
  return version
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  }
  catch {
    // A copy of the sources without git.
    return 'unknown'
  }
}
