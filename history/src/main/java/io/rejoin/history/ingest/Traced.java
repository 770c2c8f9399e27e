package io.rejoin.history.ingest;

import io.rejoin.tracing.Step;
import io.rejoin.tracing.TraceHeaders;
import io.rejoin.tracing.Tracing;
import java.util.ArrayList;
import java.util.List;

/**
 * The traced ones among the records of some batches, each a step until it is in the database. What was read beside these batches
 * has no part in it: it is read again, and has its step then.
 */
final class Traced {
    private final List<Step> readable = new ArrayList<>();
    private final List<Step> unreadable = new ArrayList<>();

    private Traced() {}

    /** These are about to be written. */
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
            case Intake.Message _,Intake.Passed _ -> readable.add(step);
            case Intake.Unreadable _ -> unreadable.add(step);
        }
    }

    /** They were written. */
    void written() {
        readable.forEach(Step::end);
        unreadable.forEach(step -> step.fail("it cannot be read; it is kept as a dead letter"));
    }

    /** Of all that is not {@link #written}: it could not be. */
    void failed() {
        readable.forEach(Traced::fail);
        unreadable.forEach(Traced::fail);
    }

    private static void fail(Step step) {
        step.fail("it could not be stored now; it is read again");
    }
}
