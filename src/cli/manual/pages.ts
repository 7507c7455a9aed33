import { version } from '../../daemon/version.ts'
import { entriesOf } from '../command-table.ts'
import { commandPage } from './command-page.ts'
import { configPage } from './config-page.ts'
import { helperPage } from './helper-page.ts'
import { mainPage } from './main-page.ts'
import type { Page } from './roff.ts'

/** All manual pages, dated by SOURCE_DATE_EPOCH where it is set. */
export async function manualPages(env: NodeJS.ProcessEnv): Promise<Page[]> {
  // It has the command that asks for this among its own.
  const { commands } = await import('../commands/index.ts')
  const entries = entriesOf(commands)
  const epoch = env['SOURCE_DATE_EPOCH']
  const facts = { date: epoch ? new Date(Number(epoch) * 1000) : new Date(), version }
  return [
    mainPage(entries, facts),
    ...entries.map((entry) => commandPage(entry, facts)),
    configPage(facts),
    helperPage(facts),
  ]
}
