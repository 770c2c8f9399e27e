package io.rejoin.history.ingest;

import io.rejoin.tracing.Step;
import io.rejoin.tracing.TraceHeaders;
import io.rejoin.tracing.Tracing;
import java.util.ArrayList;
import java.util.List;

/**
 * The trace steps of a write: one for each traced record in the batches. A step ends when its record is in the
 * database. Records of the same poll in other partitions have no step here: they are read again, and get their step
 * then.
 */
final class IngestTraceSteps {
    private final List<Step> readableSteps = new ArrayList<>();
    private final List<Step> unreadableSteps = new ArrayList<>();

    private IngestTraceSteps() {}

    /** Begins the steps of the batches that are written next. */
    static IngestTraceSteps begin(Tracing tracing, List<PartitionBatch> batches) {
        var traceSteps = new IngestTraceSteps();
        for (var batch : batches) {
            for (var entry : batch.entries()) traceSteps.add(tracing, entry);
        }
        return traceSteps;
    }

    private void add(Tracing tracing, PartitionBatch.Entry entry) {
        var record = entry.record();
        var context = TraceHeaders.of(record.headers());
        if (context == null) return;
        var step = tracing.receive("process " + record.topic(), context)
                .from(record.topic(), record.partition(), record.offset());
        switch (entry.decoded()) {
            case DecodedRecord.Message _,DecodedRecord.NotStored _ -> readableSteps.add(step);
            case DecodedRecord.Unreadable _ -> unreadableSteps.add(step);
        }
    }

    /** The write succeeded: ends the steps. */
    void endAsWritten() {
        readableSteps.forEach(Step::end);
        unreadableSteps.forEach(step -> step.fail("the record cannot be read; it is now a dead letter"));
    }

    /** Ends all steps as failed that {@link #endAsWritten} has not ended. */
    void endAsFailed() {
        readableSteps.forEach(IngestTraceSteps::fail);
        unreadableSteps.forEach(IngestTraceSteps::fail);
    }

    private static void fail(Step step) {
        step.fail("the record could not be stored; history reads it again");
    }
}
