const SECOND = 1000
const UNITS: [name: string, milliseconds: number][] = [
  ['d', 86_400 * SECOND],
  ['h', 3600 * SECOND],
  ['min', 60 * SECOND],
  ['s', SECOND],
]

/** Two units at most: `1 h 59 min`, `12 s`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / SECOND)) * SECOND
  const first = UNITS.findIndex(([, size]) => seconds >= size)
  if (first === -1) return '0 s'
  let rest = seconds
  return UNITS.slice(first, first + 2).map(([name, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count > 0 ? `${count} ${name}` : ''
  }).filter(Boolean).join(' ')
}

/** One unit: `5 s ago`, `12 min ago`, `now`. */
export function formatAgo(at: number, now: number): string {
  const age = now - at
  const unit = UNITS.find(([, size]) => age >= size)
  return unit ? `${Math.floor(age / unit[1])} ${unit[0]} ago` : 'now'
}

/** The time left until `at`, or how long ago it was. */
export function formatCountdown(at: number | undefined, now: number): string {
  if (at === undefined) return 'never expires'
  return at > now ? formatDuration(at - now) : `expired ${formatAgo(at, now)}`
}

/** `412 B`, `4.9 KB`, `4.8 MB`: one decimal, and never more than 1024 of a unit. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const kilobytes = (bytes / 1024).toFixed(1)
  return Number(kilobytes) < 1024 ? `${kilobytes} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

// Created once, because creating one costs more than rendering a row.
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
// Two digits of each, so that times in a list are equally wide.
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 })

/** Local time to the millisecond, with 12 or 24 hours as the system has it. */
export function formatClock(at: number): string {
  return CLOCK.format(at)
}

export function formatDate(at: number): string {
  return DATE.format(at)
}

const ISO_TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g

/** A sentence of the server, with its times as those of the panel: it does not know the developer's time zone. */
export function localTimes(sentence: string): string {
  return sentence.replace(ISO_TIME, time => formatDate(Date.parse(time)))
}

/** The time if `at` is today, else date and time. */
export function formatMoment(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString()
  return isToday ? TIME.format(at) : formatDate(at)
}

/** `in 2 h`, `expired 5 s ago`, `never`. */
export function formatExpiry(at: number | undefined, now: number): string {
  if (at === undefined) return 'never'
  return at > now ? `in ${formatDuration(at - now)}` : formatCountdown(at, now)
}

export function shortId(id: string): string {
  return id.slice(0, 8)
}

/** `1 session`, `2 sessions`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
