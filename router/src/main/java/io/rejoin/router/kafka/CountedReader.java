package io.rejoin.router.kafka;

import io.rejoin.contracts.log.CommandRecord;
import io.rejoin.contracts.log.MalformedRecordException;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads as another one does, and counts: what is read is decided next. */
record CountedReader(CommandReader reader, RouterMeters meters) implements CommandReader {
    @Override
    public CommandRecord read(ConsumerRecord<byte[], byte[]> record) throws MalformedRecordException {
        var read = reader.read(record);
        meters.decided(read);
        return read;
    }
}
