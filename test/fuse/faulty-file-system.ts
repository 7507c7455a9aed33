import { setTimeout as sleep } from 'node:timers/promises'
import { nameToText } from '../../src/terms/name.ts'
import type { Name } from '../../src/terms/name.ts'
import type { FileSystem, Node, NodeId } from '../../src/vfs/file-system.ts'
import type { MemoryFileSystem } from './memory-file-system.ts'

/** What calls of the file system are made to do, by the name of the file that is looked up. */
export interface Counts {
  aborted: number
  readonly calls: Record<string, number>
}

type Call = (...given: unknown[]) => unknown

/**
 * A file system whose files misbehave by their names: `slow-MS` looks up slowly, `never` not at all; reads of `read-slow-MS`, `read-never`,
 * `read-deaf` (which does not listen to its signal), `read-throws`, `read-rejects` and `read-too-much` do what they say.
 */
export function faulty(memory: MemoryFileSystem, deferred: boolean, counts: Counts): FileSystem {
  const faults = new Map<NodeId, string>()
  const calls: Record<string, Call> = {
    lookup: (...given) => lookup(memory, faults, given as Parameters<FileSystem['lookup']>),
    create: (...given) => {
      const made = memory.create(...(given as Parameters<typeof memory.create>))
      note(faults, made.node, nameToText(given[1] as Name))
      return made
    },
    read: (...given) => read(memory, faults, counts, given as Parameters<FileSystem['read']>),
  }
  return new Proxy(memory as FileSystem, {
    get(_target, name) {
      const own = Reflect.get(memory, name) as Call
      const call = calls[name as string] ?? own.bind(memory)
      return (...given: unknown[]) => {
        counts.calls[name as string] = (counts.calls[name as string] ?? 0) + 1
        return deferred && name !== 'forget' ? later(call, given) : call(...given)
      }
    },
  })
}

/** The same answer in a later turn, from copies of the buffers that were lent. */
async function later(call: Call, given: unknown[]): Promise<unknown> {
  const own = given.map((value) => (value instanceof Uint8Array ? Uint8Array.from(value) : value))
  await sleep(0)
  const answer = await call(...own)
  const into = own.find((value) => value instanceof Uint8Array)
  return typeof answer === 'number' && call.name === 'read' ? into?.subarray(0, answer) : answer
}

function lookup(
  memory: MemoryFileSystem,
  faults: Map<NodeId, string>,
  [parent, name, , signal]: Parameters<FileSystem['lookup']>,
): ReturnType<FileSystem['lookup']> {
  const text = nameToText(name)
  const [, kind, ms] = /^(slow|never)-?(\d*)$/.exec(text) ?? []
  if (kind === 'never') return untilAborted(signal, () => {})
  if (kind === 'slow') return sleep(Number(ms)).then(() => memory.lookup(parent, name))
  const node = memory.lookup(parent, name)
  note(faults, node, text)
  return node
}

function note(faults: Map<NodeId, string>, node: Node, text: string): void {
  if (text.startsWith('read-')) faults.set(node.id, text.slice('read-'.length))
}

function read(
  memory: MemoryFileSystem,
  faults: Map<NodeId, string>,
  counts: Counts,
  [node, handle, offset, into, signal]: Parameters<FileSystem['read']>,
): ReturnType<FileSystem['read']> {
  const [kind, ms] = faults.get(node)?.split('-') ?? []
  const bytes = () => {
    const own = new Uint8Array(into.length)
    const answer = memory.read(node, handle, offset, own)
    return typeof answer === 'number' ? own.subarray(0, answer) : answer
  }
  if (kind === 'slow') return sleep(Number(ms)).then(bytes)
  if (kind === 'never') return untilAborted(signal, () => counts.aborted++)
  if (kind === 'deaf') return new Promise(() => {})
  if (kind === 'throws') throw new TypeError('a bug')
  if (kind === 'rejects') return Promise.reject(new RangeError('a late bug'))
  if (kind === 'too') return new Uint8Array(into.length + 1)
  return memory.read(node, handle, offset, into)
}

function untilAborted(signal: AbortSignal | undefined, aborted: () => void): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => {
      aborted()
      reject(signal.reason as Error)
    })
  })
}
