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
final class Traced {
    private final List<Step> readable = new ArrayList<>();
    private final List<Step> unreadable = new ArrayList<>();

    private Traced() {}

    /** Begins the steps of the batches that are written next. */
    static Traced of(Tracing tracing, List<PartitionBatch> batches) {
        var traced = new Traced();
        for (var batch : batches) {
            for (var entry : batch.entries()) traced.add(tracing, entry);
        }
        return traced;
    }

    private void add(Tracing tracing, PartitionBatch.Entry entry) {
        var record = entry.record();
        var context = TraceHeaders.of(record.headers());
        if (context == null) return;
        var step = tracing.receive("process " + record.topic(), context)
                .from(record.topic(), record.partition(), record.offset());
        switch (entry.intake()) {
            case Intake.Message _,Intake.NotStored _ -> readable.add(step);
            case Intake.Unreadable _ -> unreadable.add(step);
        }
    }

    /** The write succeeded: ends the steps. */
    void written() {
        readable.forEach(Step::end);
        unreadable.forEach(step -> step.fail("the record cannot be read; it is now a dead letter"));
    }

    /** Ends all steps as failed that {@link #written} has not ended. */
    void failed() {
        readable.forEach(Traced::fail);
        unreadable.forEach(Traced::fail);
    }

    private static void fail(Step step) {
        step.fail("the record could not be stored; history reads it again");
    }
}
