/** What a page calls by a name: `0xMANIFEST`, `QUILT_ID`, `RECOVERY_KEY`. The first output that shows it says what it is. */
const name = /\b(?:0x[A-Z]{2,}|[A-Z]+_(?:ID|KEY))\b/

/** What differs from run to run: whatever looks like it stands for anything that does. */
const varying: readonly RegExp[] = [
  /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/, // a time
  /\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?/, // a local time
  /\d{4}-\d\d-\d\d/,
  /0x[0-9a-f]{8,}/, // an id on chain
  /(?<![\w-])[\w-]{43}(?![\w-])/, // an id of a blob
  /\b(?:[0-9a-f]{16}){1,2}\b/, // an id of a key, or of a slot
  /127\.0\.0\.1:\d+/,
  /\b\d+(?:\.\d+)? (?:ms|s|min|h|d)\b/, // how long, or how long ago
  /\b\d+\.\d{4} SUI/,
  /\bv\d+\.\d+\.\d+/, // of Node.js
  /\bkernel \d+\.\d+/,
  /\bprocess \d+/,
  /\b\d+\.\d GiB free/,
  /^memory +\d+ MiB/m,
]
const anyLines = /^…\n/m
const anything = /…/
const token = new RegExp(
  [anyLines, anything, name, ...varying].map(({ source }) => `(${source})`).join('|'),
  'gm',
)

/**
 * Whether the output is what the page shows; `known` learns what names stand for. `…` stands for any part of a line, or, alone,
 * for any lines.
 */
export function isShown(shows: string, output: string, known: Map<string, string>): boolean {
  const learned: string[] = []
  let [pattern, end] = ['', 0]
  for (const match of shows.matchAll(token)) {
    pattern += literally(shows.slice(end, match.index))
    end = match.index + match[0].length
    pattern += patternOf(match, known, learned)
  }
  const found = new RegExp(`^${pattern}${literally(shows.slice(end))}$`).exec(output)
  learned.forEach((word, at) => found && known.set(word, found[at + 1]!))
  return found !== null
}

function patternOf(
  match: RegExpExecArray,
  known: ReadonlyMap<string, string>,
  learned: string[],
): string {
  const kind = match.slice(1).findIndex((group) => group !== undefined)
  if (kind === 0) return '(?:[^\\n]*\\n)*'
  if (kind === 1) return '[^\\n]*'
  if (kind > 2) return `(?:${varying[kind - 3]!.source.replace('^', '')})`
  const word = match[0]
  if (known.has(word)) return literally(known.get(word)!)
  const again = learned.indexOf(word)
  if (again >= 0) return `\\${again + 1}`
  learned.push(word)
  return '([^\\s,()]+)'
}

/** The command with what its names stand for. Throws for a name that no output has shown. */
export function withNames(command: string, known: ReadonlyMap<string, string>): string {
  return command.replace(new RegExp(name, 'g'), (word) => {
    const value = known.get(word)
    if (value === undefined) throw new Error(`nothing has shown what ${word} is`)
    return value
  })
}

/** The same, but names that nothing has shown stay. */
export function withKnownNames(command: string, known: ReadonlyMap<string, string>): string {
  return command.replace(new RegExp(name, 'g'), (word) => known.get(word) ?? word)
}

/** What commands that nobody sees say of names: lines `NAME=VALUE`. */
export function learn(output: string, known: Map<string, string>): void {
  for (const [, word, value] of output.matchAll(/^(\w+)=(.+)$/gm)) known.set(word!, value!)
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
