import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Test } from 'tap'
import { until } from '../e2e/machine.ts'
import { blocksOf, type Block, type Command } from './page.ts'
import { isShown, learn, withKnownNames, withNames } from './shown-output.ts'
import { Traveller, type Luggage } from './traveller.ts'

const checkout = resolve(import.meta.dirname, '../..')

/** Who reads a page, where it does not say on which machine a block is typed. */
const reader = 'ann'

/** What happens to each command of a page. */
export interface Witness {
  /** `isWell`: it ended as it should. */
  ran(command: Command, output: string, isWell: boolean, block: Block): void
  skipped(block: Block, reason: string): void
  /** Whether the rest of a page makes sense when something ended otherwise. */
  readonly goesOn?: boolean
}

/**
 * Does what a page says, block by block, each person in a home and a terminal of their own; and sees that it prints what the page shows.
 */
export async function followPage(test: Test, page: string, luggage: Luggage): Promise<void> {
  const blocks = blocksOf(readFileSync(join(checkout, page), 'utf8'))
  const known = new Map<string, string>()
  await travel(test, blocks, luggage, known, {
    skipped: ({ line }, reason) => test.comment(`${page}:${line} is not run: ${reason}`),
    ran: ({ text, shows }, output, isWell, { line }) => {
      const what = `${page}:${line} ${text.split('\n')[0]}`
      if (!isWell) test.fail(`${what} ended otherwise, and printed: ${output}`)
      else if (shows === undefined || isShown(shows, output, known)) test.pass(what)
      else test.equal(output, shows, what)
    },
  })
}

/** What the end of a journey is told to. */
export interface Journey {
  teardown(undo: () => Promise<void>): unknown
  equal(found: number, wanted: number, what: string): unknown
}

/** The same without judging what is printed: for who writes a page anew. */
export async function travel(
  test: Journey,
  blocks: readonly Block[],
  luggage: Luggage,
  known: Map<string, string>,
  witness: Witness,
): Promise<void> {
  const travellers = new Map<string, Traveller>()
  const leave = async () => {
    for (const [name, traveller] of travellers) {
      for (const status of await traveller.leave()) {
        test.equal(status, 0, `what ${name} left in the foreground ends well`)
      }
    }
    travellers.clear()
  }
  test.teardown(leave)
  const travellerOf = (name: string) => {
    const there = travellers.get(name)
    if (there) return there
    const traveller = new Traveller(name, luggage)
    travellers.set(name, traveller)
    return traveller
  }
  for (const block of blocks) {
    const reason = block.marks.notRun ?? lacking(block.marks.needs)
    if (reason !== undefined) witness.skipped(block, reason)
    else {
      const isWell = await runBlock(block, travellerOf(block.marks.on ?? reader), known, witness)
      if (!isWell && !witness.goesOn) break
    }
  }
  await leave()
}

/** False where going on makes no sense. */
async function runBlock(
  block: Block,
  traveller: Traveller,
  known: Map<string, string>,
  witness: Witness,
): Promise<boolean> {
  if (block.before !== undefined) {
    const { status, output } = await traveller.shell.run(withKnownNames(block.before, known))
    learn(output, known)
    if (status !== 0) {
      witness.ran({ text: block.before, shows: '' }, output, false, block)
      return false
    }
  }
  for (const command of block.commands) {
    const text = withNames(command.text, known)
    if (block.marks.stays) {
      const output = await leftOutput(traveller, text, command.shows ?? '', known)
      witness.ran(command, output, true, block)
      continue
    }
    const expected = command === block.commands.at(-1) ? block.marks.fails : undefined
    const { status, output } = await traveller.shell.run(text, expected !== undefined)
    const isWell = status === (expected ?? 0)
    witness.ran(command, traveller.asShown(output), isWell, block)
    if (!isWell) return false
  }
  return true
}

/** What a command that stays has printed, once it is what the page shows. */
async function leftOutput(
  traveller: Traveller,
  text: string,
  shows: string,
  known: Map<string, string>,
): Promise<string> {
  const read = traveller.shell.leave(text, traveller.env, traveller.directory)
  const output = () => traveller.asShown(read())
  await until(() => isShown(shows, output(), known), `${text} to print what is shown`).catch(
    () => {},
  )
  return output()
}

function lacking(needs: string | undefined): string | undefined {
  if (needs === undefined) return undefined
  const [, program = needs, debian = program] = /^(\S+)(?: \((\S+)\))?$/.exec(needs) ?? []
  if (spawnSync('which', [program]).status === 0) return undefined
  return `${basename(program)} is not installed (apt install ${debian})`
}
