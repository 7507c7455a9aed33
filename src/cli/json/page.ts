import type { JsonResult } from './fields.ts'
import { ofCache } from './of-cache.ts'
import { ofChecks } from './of-checks.ts'
import { ofFiles } from './of-files.ts'
import { ofHistory } from './of-history.ts'
import { ofMoney } from './of-money.ts'
import { ofMounts } from './of-mounts.ts'
import { ofSharing } from './of-sharing.ts'

/** What every command with a result of its own prints with --json. */
export const jsonResults: readonly JsonResult[] = [
  ...ofMounts,
  ...ofCache,
  ...ofHistory,
  ...ofFiles,
  ...ofSharing,
  ...ofMoney,
  ...ofChecks,
]

/** What is printed instead when a command fails before it has a result. */
export const jsonError: JsonResult = {
  command: 'any command that fails',
  fields: [
    ['error.code', 'string', 'The name of the exit status: see walrusfs(1)'],
    ['error.exit', 'number', 'The exit status'],
    ['error.message', 'string', 'One line: what happened, what it means, what mends it'],
  ],
}

/** The part of this room's README that says what --json prints. */
export function jsonPage(): string {
  return [jsonError, ...jsonResults].map(section).join('\n')
}

/** What a section is called. */
export function titleOf({ command, form }: JsonResult): string {
  return form === undefined ? command : `${command} ${form}`
}

function section(result: JsonResult): string {
  const { about, fields } = result
  const rows = fields.map(([path, type, meaning]) => `- \`${path}\` ${type}: ${meaning}`)
  return `### ${titleOf(result)}\n\n${about === undefined ? '' : `${about}\n\n`}${rows.join('\n')}\n`
}
