/** A block of shell as a page shows it, with what the comments above it say of it. */
export interface Block {
  /** The line of the page that it begins in. */
  readonly line: number
  /** `sh`: one script. `console`: commands behind `$ `, each with what it prints. */
  readonly commands: readonly Command[]
  /** Commands that a reader does not see, run before. */
  readonly before: string | undefined
  readonly marks: Marks
}

export interface Command {
  readonly text: string
  /** What the page shows that it prints; undefined where it shows nothing. */
  readonly shows: string | undefined
}

/** What `<!-- MARK: TEXT -->` above a block says. */
export interface Marks {
  /** Why nobody runs it. */
  readonly notRun?: string
  /** A program that it needs, `restic`, and its Debian package where that is called otherwise: `borg (borgbackup)`. */
  readonly needs?: string
  /** The exit status of its last command. */
  readonly fails?: number
  /** The machine that it is typed on. */
  readonly on?: string
  /** It stays in the foreground: what comes next is typed in another terminal. */
  readonly stays?: boolean
}

interface Fence {
  readonly info: string
  readonly text: string
  readonly line: number
  /** The comments between what stands before and it. */
  readonly comments: readonly string[]
}

const shells = new Set(['sh', 'bash', 'shell', 'zsh', 'fish', 'console'])

/** The blocks of shell of a page in their order. Throws for a mark that nobody knows and for output that nothing printed. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = []
  const fences = fencesOf(page)
  fences.forEach((fence, at) => {
    if (shells.has(fence.info)) blocks.push(blockOf(fence, fences[at + 1]))
    else if (fence.info === 'text') checkOutput(fence, fences[at - 1])
    else if (fence.info === '')
      throw new Error(`line ${fence.line}: a block that does not say what it is`)
  })
  return blocks
}

function checkOutput({ line }: Fence, before: Fence | undefined): void {
  if (before?.info === 'sh') return
  throw new Error(
    `line ${line}: a block of text shows what the block of sh before it prints; there is none`,
  )
}

function blockOf(fence: Fence, next: Fence | undefined): Block {
  const { marks, before } = marksOf(fence)
  const commands =
    fence.info === 'console'
      ? typedIn(fence)
      : [{ text: fence.text, shows: next?.info === 'text' ? next.text : undefined }]
  return { line: fence.line, commands, before, marks }
}

/** `$ command`, going on in the next line after a backslash, and then what it prints. */
function typedIn({ text, line }: Fence): Command[] {
  const commands: Command[] = []
  let [command, shows]: [string | undefined, string] = [undefined, '']
  const end = () => {
    if (command !== undefined) commands.push({ text: command, shows })
  }
  for (const row of text.split('\n').slice(0, -1)) {
    if (command?.endsWith('\\')) command += `\n${row}`
    else if (row.startsWith('$ ')) {
      end()
      command = row.slice(2)
      shows = ''
    } else if (command === undefined) throw new Error(`line ${line}: output before any command`)
    else shows += `${row}\n`
  }
  end()
  return commands
}

function marksOf({ comments, line }: Fence): { marks: Marks; before: string | undefined } {
  const marks: { -readonly [Key in keyof Marks]: Marks[Key] } = {}
  let before: string | undefined
  for (const comment of comments) {
    const [, mark, text = ''] = /^([a-z ]+?)(?::\s*([\s\S]*))?$/.exec(comment) ?? []
    if (mark === 'not run' && text) marks.notRun = text
    else if (mark === 'needs' && text) marks.needs = text
    else if (mark === 'fails' && /^\d+$/.test(text)) marks.fails = Number(text)
    else if (mark === 'on' && text) marks.on = text
    else if (mark === 'stays') marks.stays = true
    else if (mark === 'before' && text) before = `${text}\n`
    else throw new Error(`above line ${line}: nobody knows the mark <!-- ${comment} -->`)
  }
  return { marks, before }
}

function fencesOf(page: string): Fence[] {
  const fences: Fence[] = []
  const part = /^```(\w*)\n([\s\S]*?)^```$|^<!--([\s\S]*?)-->$|^\S.*$/gm
  let comments: string[] = []
  for (const match of page.matchAll(part)) {
    const [, info, text, comment] = match
    if (comment !== undefined) comments.push(comment.trim())
    else if (info === undefined) {
      if (comments.length > 0) throw new Error(`<!-- ${comments[0]} --> stands above no block`)
    } else {
      const line = page.slice(0, match.index).split('\n').length
      fences.push({ info, text: text!, line, comments })
      comments = []
    }
  }
  return fences
}
