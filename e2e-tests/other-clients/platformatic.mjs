// @platformatic/kafka against a broker: arguments are its address and a prefix for names. Ends with 0 and "done", or with what
// went wrong. It speaks the newest version of each API that it knows, and both group protocols.
import assert from 'node:assert/strict'
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'

const [bootstrap, prefix] = process.argv.slice(2)
const source = `${prefix}-source`
const target = `${prefix}-target`
const common = { clientId: prefix, bootstrapBrokers: [bootstrap] }
const readCommitted = 1

/** Reads in a group and hands each record over, until there were so many. */
async function consume (groupId, topic, count, options, each) {
  const consumer = new Consumer({ ...common, groupId, deserializers: stringDeserializers, maxWaitTime: 200, ...options })
  const stream = await consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest', autocommit: options.autocommit ?? true, isolationLevel: readCommitted })
  const values = []
  for await (const record of stream) {
    values.push(record.value)
    await each?.(record, consumer)
    if (values.length === count) break
  }
  await stream.close()
  await consumer.close(true)
  return values
}

const admin = new Admin(common)
await admin.createTopics({ topics: [source], partitions: 3, replicas: 1, configs: [{ name: 'retention.ms', value: '3600000' }] })
await admin.createTopics({ topics: [target], partitions: 1, replicas: 1 })
const [described] = await admin.describeConfigs({ resources: [{ resourceType: 2, resourceName: source, configurationKeys: ['retention.ms'] }] })
assert.equal(described.configs[0].value, '3600000')

const producer = new Producer({ ...common, idempotent: true, serializers: stringSerializers })
for (let i = 0; i < 30; i++) {
  await producer.send({
    acks: -1,
    compression: i % 2 ? 'gzip' : 'none',
    messages: [{ topic: source, partition: i % 3, key: `k${i}`, value: `v${i}`, headers: { number: `${i}` } }]
  })
}
await producer.close()

for (const groupProtocol of ['classic', 'consumer']) {
  const read = await consume(`${prefix}-${groupProtocol}`, source, 30, { groupProtocol })
  assert.equal(new Set(read).size, 30, groupProtocol)
}

const copier = new Producer({ ...common, idempotent: true, transactionalId: `${prefix}-copy`, serializers: stringSerializers })
// One transaction is aborted, no more: of several of one producer in one answer, this client knows the last only.
let number = 0
const copied = await consume(`${prefix}-copiers`, source, 30, { autocommit: false }, async (record, consumer) => {
  for (const end of number++ === 0 ? ['abort', 'commit'] : ['commit']) {
    const transaction = await copier.beginTransaction()
    await transaction.addConsumer(consumer)
    await transaction.send({ messages: [{ topic: target, key: record.key, value: record.value }] })
    await transaction.addOffset(record)
    await transaction[end]()
  }
})
await copier.close()
const committed = await consume(`${prefix}-checkers`, target, 30, {})
assert.deepEqual(committed.sort(), copied.sort())
const [group] = await admin.listConsumerGroupOffsets({ groups: [`${prefix}-copiers`] })
assert.deepEqual(group.topics[0].partitions.map(each => each.committedOffset), [10n, 10n, 10n])
await admin.deleteTopics({ topics: [source, target] })
assert.ok(!(await admin.listTopics()).includes(source))
await admin.close()
console.log('done')
