package io.rejoin.router.kafka;

import io.rejoin.contracts.log.CommandRecord;
import io.rejoin.contracts.log.MalformedRecordException;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Counts the commands that another reader reads; the shard decides them next. */
record CountedReader(CommandReader reader, RouterMeters meters) implements CommandReader {
    @Override
    public CommandRecord read(ConsumerRecord<byte[], byte[]> record) throws MalformedRecordException {
        var read = reader.read(record);
        meters.decided(read);
        return read;
    }
}
