import { spawn, type ChildProcess } from 'node:child_process'
import { finish, until, type Finished, type Machine } from './machine.ts'

/** A command that goes on, and what it has printed so far. */
export class Watching {
  text = ''
  readonly child: ChildProcess
  readonly finished: Promise<Finished>

  /** The same in a terminal of 70 columns and 40 rows; what is written to its `stdin` is typed there. */
  static terminal(machine: Machine, ...args: string[]): Watching {
    const command = `stty cols 70 rows 40; exec ${process.execPath} src/cli/main.ts ${args.join(' ')}`
    const env = { ...machine.env, TERM: 'xterm' }
    return new Watching(spawn('script', ['-qec', command, '/dev/null'], { env }))
  }

  constructor(child: ChildProcess) {
    this.child = child
    this.finished = finish(child)
    child.stdout!.on('data', (text: string) => (this.text += text))
  }

  async shows(words: RegExp): Promise<void> {
    const ended = this.finished.then(({ stderr }) => stderr)
    const seen = until(() => words.test(this.text), `${String(words)}`)
    await Promise.race([seen, ended])
    if (!words.test(this.text)) throw new Error(`it ended: ${this.text}${await ended}`)
  }
}
