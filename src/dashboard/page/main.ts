import { render } from '/preact.mjs'
import type { DashboardData } from '../data.ts'
import { announcement } from './announcement.ts'
import { ask, load, Refused, takeToken } from './daemon.ts'
import { page } from './page.ts'
import { emptyView, sampledMs } from './view.ts'
import type { Loaded, Sample, View, Wishes } from './view.ts'

const everyMs = 1000
/** Nobody looks. */
const everyHiddenMs = 10_000
const moneyEveryMs = 30_000

const token = takeToken()
const place = document.getElementById('page')!
const said = document.getElementById('said')!
let view: View = emptyView
let moneyMs = 0
const fetching = new Set<string>()

const wishes: Wishes = {
  openCommit: (sequence) => {
    if (view.changes.get(sequence)?.state === 'there') return
    void fetchOnce(`changes ${sequence}`, async () => {
      const told = await load(token, 'changes', `?sequence=${sequence}`)
      show({ changes: new Map([...view.changes, [sequence, told]]) })
    })
  },
}

function show(what: Partial<View>): void {
  view = { ...view, ...what, nowMs: Date.now() }
  document.title = titleOf(view)
  render(page(view, wishes), place)
}

function titleOf({ status, link }: View): string {
  if (!status) return 'walrusfs'
  return `${link === 'live' ? status.health : 'no answer'} – ${status.drive} – walrusfs`
}

/** Not twice at a time. */
async function fetchOnce(what: string, work: () => Promise<void>): Promise<void> {
  if (fetching.has(what)) return
  fetching.add(what)
  await work().finally(() => fetching.delete(what))
}

async function look(): Promise<void> {
  try {
    const now = await ask(token, 'status')
    if (now) take(now)
  } catch (error) {
    const link = error instanceof Refused ? 'refused' : 'lost'
    if (link !== view.link) say(link === 'lost' ? 'The daemon does not answer.' : 'Not let in.')
    show({ link })
  }
}

function take(status: DashboardData['status']): void {
  const before = view.status
  const nowMs = Date.now()
  const kept = view.samples.filter(({ ms }) => nowMs - ms < sampledMs)
  const samples = [...kept, sampleOf(status, kept.at(-1), nowMs)]
  const words = announcement(before, status)
  if (words) say(words)
  show({ link: 'live', status, samples })
  const isNew = before?.sequence !== status.sequence
  if (isNew || view.history.state === 'failed') void fetchHistory()
  const isOld = nowMs - moneyMs > moneyEveryMs || before?.expiry?.epoch !== status.expiry?.epoch
  if (isNew || isOld) void fetchMoney()
}

/** What a commit has uploaded counts till the commit is made: then it is among all that was. */
function sampleOf(
  { writeback }: DashboardData['status'],
  before: Sample | undefined,
  nowMs: number,
): Sample {
  const { state, step, done, dirtyBytes, uploadedBytes } = writeback
  const sent = state === 'committing' && step === 'upload' ? done : 0
  const isSame = before?.uploadedBytes === uploadedBytes && state !== 'idle'
  const flyingBytes = Math.max(sent, isSame ? before.flyingBytes : 0)
  return { ms: nowMs, dirtyBytes, uploadedBytes, flyingBytes }
}

function fetchHistory(): Promise<void> {
  return fetchOnce('history', async () => {
    const history = await load(token, 'history')
    show({ history: later(view.history, history) })
  })
}

function fetchMoney(): Promise<void> {
  return fetchOnce('money', async () => {
    const money = await load(token, 'money')
    moneyMs = Date.now()
    show({ money: later(view.money, money) })
  })
}

/** What was there stays when it cannot be had anew: the daemon tells why in the status. */
function later<T>(before: Loaded<T>, now: Loaded<T>): Loaded<T> {
  return now.state === 'failed' && before.state === 'there' ? before : now
}

/** To who hears the page. */
function say(words: string): void {
  said.textContent = words
}

async function run(): Promise<never> {
  for (;;) {
    await look()
    const ms = document.hidden ? everyHiddenMs : everyMs
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      const wake = () => {
        clearTimeout(timer)
        resolve()
      }
      document.addEventListener('visibilitychange', wake, { once: true })
    })
  }
}

show({})
void run()
