import { test } from 'tap'
import { writeTime } from '../../src/fuse/kernel/write-time.ts'

const toMs = ({ sec, nsec }: { sec: number; nsec: number }) => sec * 1000 + nsec / 1e6

test(
  'the time of a write is the last tick of the clock',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const before = toMs(writeTime())
    const now = Date.now()
    t.ok(before < now + 1, 'not in the future')
    t.ok(before > now - 60_000, 'of this minute')
    t.ok(toMs(writeTime()) >= before, 'it does not go back')
  },
)
