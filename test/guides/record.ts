/**
 * Brings pages to what their commands print today: `node test/guides/record.ts src/guides/first-hour.md`. What a page shows rightly
 * stays as it is, `…` included; all else is written anew. Look at the difference before it is committed.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Ending } from '../e2e/machine.ts'
import { guideNetwork } from './network.ts'
import { blocksOf, type Block, type Command } from './page.ts'
import { isShown } from './shown-output.ts'
import { travel } from './follow-page.ts'

async function record(page: string): Promise<void> {
  const text = readFileSync(page, 'utf8')
  const known = new Map<string, string>()
  const printed = new Map<Command, string>()
  const ends: (() => unknown)[] = []
  const test = { teardown: (end: () => unknown) => ends.push(end), equal: () => true }
  const blocks = blocksOf(text)
  const own = { checkout: /^\$ npm start/m.test(text) }
  const startsNetwork = own.checkout || /^\$ walrusfs devnet start/m.test(text)
  const luggage = startsNetwork ? own : await guideNetwork(ending(ends))
  await travel(test, blocks, luggage, known, {
    goesOn: true,
    skipped: ({ line }, reason) => console.error(`${page}:${line} is not run: ${reason}`),
    ran: (command, output, isWell, { line }) => {
      if (!isWell) console.error(`${page}:${line} ${command.text} ended otherwise: ${output}`)
      if (command.shows === undefined || isShown(command.shows, output, known)) return
      printed.set(command, output)
    },
  }).catch((error: unknown) => console.error(`${page}: ${String(error)}`))
  for (const end of ends.reverse()) await end()
  writeFileSync(page, rewritten(text, blocks, printed))
}

function ending(ends: (() => unknown)[]): Ending {
  return { teardown: (undo) => void ends.push(undo), setTimeout: () => {} }
}

/** The page with the new output of these commands. */
function rewritten(
  page: string,
  blocks: readonly Block[],
  printed: ReadonlyMap<Command, string>,
): string {
  let [text, from] = ['', 0]
  for (const command of blocks.flatMap(({ commands }) => commands)) {
    const typed = page.indexOf(command.text, from) + command.text.length
    const start = page.indexOf(command.shows ?? '', typed)
    text += page.slice(from, start) + (printed.get(command) ?? command.shows ?? '')
    from = start + (command.shows ?? '').length
  }
  return text + page.slice(from)
}

for (const page of process.argv.slice(2)) await record(page)
