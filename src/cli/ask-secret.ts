import type { ReadStream } from 'node:tty'
import { Trouble } from '../terms/trouble.ts'
import { askStarter, isStarted } from './background.ts'

const Key = {
  enter: '\r',
  line: '\n',
  interrupt: '\x03',
  end: '\x04',
  erase: '\x7f',
  back: '\b',
  kill: '\x15',
}

/** Who can be asked for a passphrase: the terminal, or that of whoever started this process; undefined: nobody. */
export function asker(): ((question: string) => Promise<string | undefined>) | undefined {
  if (isStarted()) return askStarter
  return process.stdin.isTTY && process.stderr.isTTY ? askTerminal : undefined
}

/** Asks for a new passphrase, twice. Throws Trouble `usage` where nobody can be asked, or the two differ. */
export async function askNewPassphrase(what: string): Promise<string> {
  const ask = asker()
  if (!ask) {
    throw new Trouble(
      'usage',
      'there is no terminal to ask for a passphrase: give a file that holds it (--help says which flag)',
    )
  }
  const first = await ask(`new passphrase for ${what}: `)
  if (!first) throw new Trouble('usage', 'no passphrase was given; nothing was changed')
  if ((await ask('once more: ')) === first) return first
  throw new Trouble('usage', 'the two passphrases differ; nothing was changed')
}

/** A line from the terminal that does not show; undefined at its end. */
async function askTerminal(question: string): Promise<string | undefined> {
  const { stdin, stderr } = process
  // Before it is asked: what is typed at once would show.
  stdin.setRawMode(true)
  stderr.write(question)
  stdin.setEncoding('utf8')
  try {
    return await typedLine(stdin)
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    stderr.write('\n')
  }
}

function typedLine(stdin: ReadStream): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let line: string[] = []
    const finish = (done: () => void): void => {
      stdin.off('data', onData)
      done()
    }
    const onData = (text: Buffer | string): void => {
      let ahead = String(text)
      for (const typed of ahead) {
        ahead = ahead.slice(typed.length)
        if (typed === Key.enter || typed === Key.line) {
          return finish(() => {
            // What was typed ahead answers the next question.
            stdin.pause()
            if (ahead !== '') stdin.unshift(ahead)
            resolve(line.join(''))
          })
        }
        if (typed === Key.end && line.length === 0) return finish(() => resolve(undefined))
        if (typed === Key.interrupt) {
          return finish(() => reject(new Trouble('interrupted', 'interrupted')))
        }
        if (typed === Key.kill) line = []
        else if (typed === Key.erase || typed === Key.back) line = line.slice(0, -1)
        else if (typed >= ' ') line.push(typed)
      }
    }
    stdin.on('data', onData)
    stdin.resume()
  })
}
