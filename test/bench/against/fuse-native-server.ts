/** Serves one file of random bytes from memory: `node fuse-native-server.ts MOUNTPOINT BYTES`. */
import { randomFillSync } from 'node:crypto'
import { createRequire } from 'node:module'
import { loadFuseNative } from '../../../src/fuse/native/fuse-native.ts'

type Done = (error: number, ...values: unknown[]) => void

const [mountPoint = '', bytes = ''] = process.argv.slice(2)
const content = randomFillSync(Buffer.alloc(Number(bytes)))
const now = new Date()
const directory = { mode: 0o040755, nlink: 2, size: 0 }
const file = { mode: 0o100644, nlink: 1, size: content.length }
const owner = { uid: process.getuid!(), gid: process.getgid!(), mtime: now, atime: now, ctime: now }
const noEntry = -2

const operations = {
  readdir: (_path: string, done: Done) => done(0, ['large']),
  getattr: (path: string, done: Done) => {
    if (path === '/') return done(0, { ...directory, ...owner })
    return path === '/large' ? done(0, { ...file, ...owner }) : done(noEntry)
  },
  open: (_path: string, _flags: number, done: Done) => done(0, 1),
  release: (_path: string, _fd: number, done: Done) => done(0),
  read: (_path: string, _fd: number, into: Buffer, length: number, at: number, done: Done) =>
    done(content.copy(into, 0, at, Math.min(at + length, content.length))),
}

// Where the system has no libfuse 2, this loads the one that the package brings.
loadFuseNative()
interface Plain {
  mount(done: (error: Error | null) => void): void
}
const Fuse = createRequire(import.meta.url)('fuse-native') as new (
  path: string,
  operations: object,
  options: object,
) => Plain
new Fuse(mountPoint, operations, { force: true, mkdir: false }).mount((error) => {
  if (error) throw error
})
