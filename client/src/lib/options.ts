import type { OptionFact } from '../../../src/runtime/server/devtools/messages'
import { formatBytes, formatDuration } from './format'

const SECONDS: readonly string[] = ['maxAge', 'idleTimeout', 'cookie.maxAge']

/** The value as in the configuration, with the unit if it is a time. */
export function optionText({ option, value }: Pick<OptionFact, 'option' | 'value'>): string {
  if (value === undefined) return 'unset'
  if (SECONDS.includes(option) && Number(value) > 0) return `${value} (${formatDuration(Number(value) * 1000)})`
  if (option === 'cookie.maxBytes') return `${value} (${formatBytes(Number(value))})`
  return value
}

/** The options that the app sets come first. */
export function groupOptions(options: readonly OptionFact[]): { set: OptionFact[], defaults: OptionFact[] } {
  const isSet = ({ from, calls }: OptionFact): boolean => from !== 'default' || calls !== undefined
  return { set: options.filter(isSet), defaults: options.filter(option => !isSet(option)) }
}
