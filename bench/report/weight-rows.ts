import type { AppName } from '../weight/apps.ts'
import type { WeightResults } from '../weight/run.ts'
import { table } from './markdown.ts'
import { formatFigure } from './row.ts'
import type { Row } from './row.ts'

const KB = 1024

/** The goals for what the module adds to a new app. */
export function weightRows({ bytes, start, heap, page }: WeightResults): Row[] {
  const row = (measure: string, ours: number, must: number, aim: number, unit: Row['unit']): Row =>
    ({ measure, ours, goal: { must, aim }, isCost: true, unit })
  const client = (name: AppName) => bytes[name].clientLoaded - bytes.bare.clientLoaded
  return [
    row('gzipped server code that a new app with cookie sessions loads, over the same app without', bytes.ours.serverLoaded - bytes.bare.serverLoaded, 35 * KB, 25 * KB, 'bytes'),
    row('gzipped client code that its page loads', client('ours'), 0.5 * KB, 0, 'bytes'),
    row('the same, if the page uses `useClientSession`', client('ours-shown'), 3 * KB, 2.5 * KB, 'bytes'),
    row('process start to first answer, over the app without', start.ours - start.bare, 8, 4, 'milliseconds'),
    row('heap of an idle server, over the app without', heap.ours - heap.bare, 2 * KB * KB, KB * KB, 'bytes'),
    row('CPU time of a page that shows the session, for a visitor without a cookie, over the same page without', page['ours-shown'], 1.15, 1.05, 'times'),
  ]
}

/** What the module and nuxt-auth-utils add to a new app. */
export function weightTable({ bytes, start, heap, page }: WeightResults): string {
  const rows = ([['**ours**', 'ours'], ['**ours**, shown on the page', 'ours-shown'], ['nuxt-auth-utils', 'peer'], ['nuxt-auth-utils, shown', 'peer-shown']] as const).map(([title, name]) => {
    const { serverLoaded, serverChunks, clientLoaded, clientChunks } = bytes[name]
    const added = [serverLoaded - bytes.bare.serverLoaded, serverChunks - bytes.bare.serverChunks, clientLoaded - bytes.bare.clientLoaded, clientChunks - bytes.bare.clientChunks]
    return [
      title, ...added.map(value => formatFigure(value, 'bytes')), formatFigure(start[name] - start.bare, 'milliseconds'),
      formatFigure(heap[name] - heap.bare, 'bytes'), formatFigure(page[name], 'times'),
    ]
  })
  return table(['over a bare app', 'server, loaded', 'all server chunks', 'client, loaded', 'all client chunks', 'start', 'idle heap', 'CPU of the page'], rows)
}
