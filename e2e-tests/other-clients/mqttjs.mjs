// MQTT.js against a broker: arguments are its address and a prefix for names. Ends with 0 and "done", or with what went wrong.
import assert from 'node:assert/strict'
import mqtt from 'mqtt'

const [address, prefix] = process.argv.slice(2)

function connect (version, clientId, options = {}) {
  return mqtt.connectAsync(`mqtt://${address}`, { protocolVersion: version, clientId, reconnectPeriod: 0, ...options })
}

/** Collects what comes; `next(n)` resolves with n messages as [topic, text, qos, retain]. */
function inbox (client) {
  const messages = []
  let wake = () => {}
  client.on('message', (topic, payload, packet) => {
    messages.push([topic, payload.toString(), packet.qos, packet.retain])
    wake()
  })
  return async count => {
    while (messages.length < count) {
      await new Promise(resolve => { wake = resolve })
    }
    return messages.splice(0, count)
  }
}

function lasting (version) {
  return version === 5 ? { clean: false, properties: { sessionExpiryInterval: 3600 } } : { clean: false }
}

async function tour (version) {
  const root = `${prefix}-v${version}`
  const publisher = await connect(version, `${root}-publisher`)

  let subscriber = await connect(version, `${root}-subscriber`, lasting(version))
  let next = inbox(subscriber)
  await subscriber.subscribeAsync(`${root}/q/#`, { qos: 2 })
  for (const qos of [0, 1, 2]) {
    await publisher.publishAsync(`${root}/q/${qos}`, `with ${qos}`, { qos })
    assert.deepEqual(await next(1), [[`${root}/q/${qos}`, `with ${qos}`, qos, false]])
  }

  await subscriber.endAsync()
  await publisher.publishAsync(`${root}/q/away`, 'one', { qos: 1 })
  await publisher.publishAsync(`${root}/q/away`, 'two', { qos: 2 })
  subscriber = mqtt.connect(`mqtt://${address}`, {
    protocolVersion: version, clientId: `${root}-subscriber`, reconnectPeriod: 0, ...lasting(version)
  })
  next = inbox(subscriber)
  const connack = await new Promise(resolve => subscriber.once('connect', resolve))
  assert.equal(connack.sessionPresent, true)
  assert.deepEqual((await next(2)).map(m => m[1]), ['one', 'two'])

  await publisher.publishAsync(`${root}/kept`, 'retained', { qos: 1, retain: true })
  const late = await connect(version, `${root}-late`)
  const nextLate = inbox(late)
  await late.subscribeAsync(`${root}/kept`, { qos: 1 })
  assert.deepEqual(await nextLate(1), [[`${root}/kept`, 'retained', 1, true]])
  await publisher.publishAsync(`${root}/kept`, '', { qos: 1, retain: true })

  const members = []
  const got = []
  let done
  const all = new Promise(resolve => { done = resolve })
  for (const name of ['a', 'b']) {
    const member = await connect(version, `${root}-member-${name}`)
    member.on('message', (topic, payload) => {
      got.push(payload.toString())
      if (got.length === 10) done()
    })
    await member.subscribeAsync(`$share/g/${root}/jobs`, { qos: 1 })
    members.push(member)
  }
  const jobs = Array.from({ length: 10 }, (_, i) => `${i}`)
  for (const job of jobs) await publisher.publishAsync(`${root}/jobs`, job, { qos: 1 })
  await all
  assert.deepEqual(got.sort(), jobs)

  const dying = await connect(version, `${root}-dying`, { will: { topic: `${root}/q/will`, payload: 'gone', qos: 1 } })
  dying.stream.destroy()
  assert.deepEqual(await next(1), [[`${root}/q/will`, 'gone', 1, false]])

  for (const client of [publisher, subscriber, late, ...members]) await client.endAsync()
}

await tour(4)
await tour(5)
console.log('done')
process.exit(0)
