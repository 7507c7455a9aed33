import { readdirSync, readFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { test, type Test } from 'tap'
import type { DriveStatus } from '../../src/control/status.ts'
import { DashboardServer } from '../../src/dashboard/dashboard-server.ts'
import type { DashboardSource } from '../../src/dashboard/source.ts'
import { silentLog } from '../../src/runtime/log.ts'

interface Answer {
  readonly code: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

interface Served {
  readonly port: number
  readonly token: string
  /** Asks with the token, unless headers say otherwise. */
  readonly ask: (
    path: string,
    headers?: Readonly<Record<string, string>>,
    method?: string,
  ) => Promise<Answer>
}

async function serve(t: Test, source: Partial<DashboardSource> = {}): Promise<Served> {
  const nothing = async () => undefined
  const status = () => ({ drive: 'demo' }) as DriveStatus
  const all = { status, history: nothing, changes: nothing, money: nothing, ...source }
  const server = await DashboardServer.open(all, silentLog)
  t.teardown(() => server.close())
  const { port, hash } = new URL(server.url)
  const token = hash.slice(1)
  const ask: Served['ask'] = async (path, headers = {}, method = 'GET') => {
    const known = { authorization: `Bearer ${token}`, ...headers }
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers: known }).end()
    const [response] = await once(request, 'response')
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) text += chunk
    return { code: response.statusCode, headers: response.headers, text }
  }
  return { port: Number(port), token, ask }
}

test('what the source says comes to who has the token', async (t) => {
  const { ask, token } = await serve(t, {
    changes: async (sequence) => ({ sequence, rows: [], more: 3 }),
  })
  t.ok(token.length >= 43, 'the token cannot be guessed')
  t.match(JSON.parse((await ask('/data/status')).text), { drive: 'demo' })
  const told = JSON.parse((await ask('/data/changes?sequence=7')).text)
  t.same(told, { sequence: 7, rows: [], more: 3 })
  t.equal((await ask('/data/history')).code, 404, 'there is none')
  t.equal((await ask('/data/keys')).code, 404)
})

test('without the token there is no data', async (t) => {
  const asked: string[] = []
  const { ask, token } = await serve(t, {
    status: () => {
      asked.push('status')
      return {} as DriveStatus
    },
  })
  const half = token.slice(0, 20)
  const other = token.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))
  for (const given of [
    '',
    'Bearer',
    `Bearer ${half}`,
    `Bearer ${other}`,
    `Basic ${token}`,
    token,
  ]) {
    const { code, text } = await ask('/data/status', { authorization: given })
    t.equal(code, 401, `${given.slice(0, 12)} is refused`)
    t.notOk(text.includes(token))
  }
  t.equal((await ask(`/data/status?token=${token}`, { authorization: '' })).code, 401)
  t.equal((await ask('/data/status', { authorization: '', cookie: token })).code, 401)
  t.same(asked, [])
  t.notSame(token, (await serve(t)).token, 'each daemon has its own')
})

test('a name that was made to point here is refused', async (t) => {
  const { ask, port } = await serve(t)
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `0.0.0.0:${port}`]) {
    for (const path of ['/', '/data/status', '/page.css']) {
      t.equal((await ask(path, { host })).code, 421, `${host}${path}`)
    }
  }
  t.equal((await ask('/', { host: `localhost:${port}` })).code, 200)
})

test('there is only GET', async (t) => {
  const { ask } = await serve(t)
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    const { code, headers } = await ask('/data/status', {}, method)
    t.equal(code, 405, method)
    t.equal(headers.allow, 'GET')
    t.equal(headers['access-control-allow-origin'], undefined)
  }
})

test('the page loads nothing from elsewhere and runs nothing that is not a file of it', async (t) => {
  const { ask } = await serve(t)
  const { text, headers } = await ask('/', { authorization: '' })
  const policy = String(headers['content-security-policy'])
  t.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/)
  t.match(policy, /require-trusted-types-for 'script'; trusted-types 'none'/)
  t.notMatch(policy, /unsafe|https?:|\*/)
  t.match(headers, {
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'x-frame-options': 'DENY',
  })
  t.equal(headers['set-cookie'], undefined)
  const places = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, place]) => place!)
  for (const place of places.filter((one) => !one.startsWith('#'))) {
    t.equal((await ask(`/${place}`, { authorization: '' })).code, 200, place)
  }
  t.notMatch(text, /<script(?![^>]*src=)|<style| style=| on\w+=/)
})

test('every module that a module asks for is there', async (t) => {
  const { ask } = await serve(t)
  const seen = new Set<string>()
  const rest = ['main.js']
  for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    const { code, text, headers } = await ask(`/${name}`)
    t.equal(code, 200, name)
    t.match(headers['content-type'], /^text\/javascript/)
    for (const [, next] of text.matchAll(/from ['"]\.?\/([^'"]+)['"]/g)) rest.push(next!)
  }
  t.ok(seen.has('preact.mjs'))
  t.ok(seen.size > 10)
})

test('nothing but the page is served, whatever a request is called', async (t) => {
  const { ask, port } = await serve(t)
  for (const path of [
    '/../source.ts',
    '/%2e%2e/source.ts',
    '/tsconfig.json',
    '/page/main.ts',
    '/x',
  ]) {
    t.equal((await ask(path)).code, 404, path)
  }
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(`GET http://[ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  t.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 4\d\d/)
  socket.destroy()
  t.equal((await ask('/')).code, 200, 'it goes on')
})

test('a failure is told with its words, and the next question answered', async (t) => {
  const { ask } = await serve(t, {
    money: async () => {
      throw new Error('the full node does not answer')
    },
  })
  const { code, text } = await ask('/data/money')
  t.equal(code, 503)
  t.same(JSON.parse(text), { error: 'the full node does not answer' })
  t.equal((await ask('/data/status')).code, 200)
})

test('a build takes along what is no TypeScript', async (t) => {
  const checkout = resolve(import.meta.dirname, '../..')
  const { scripts } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'))
  const page = 'src/dashboard/page'
  const others = readdirSync(join(checkout, page)).filter((name) => !/\.ts$|^tsconfig/.test(name))
  t.ok(others.length >= 3)
  for (const name of others) t.ok(scripts.build.includes(` ${page}/${name} `), name)
  t.match(scripts.build, /tsc -p src\/dashboard\/page /)
})
