package io.rejoin.e2e.check;

import io.rejoin.e2e.check.Observation.End;
import io.rejoin.e2e.check.Violation.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads the histories of one run and reports the promises that were not kept. It streams: it keeps one entry for each
 * message, for each client in a room and for each presence change, but no deliveries. The order of lines matters only
 * within one client, so all lines of a client must be in one file. Everything else is ordered by time.
 */
public final class Checker implements Recordings.Taker {
    private final Requirements requirements;
    private final Findings findings = new Findings();
    private final Counts counts = new Counts();
    private final Timeline timeline = new Timeline();
    private final Map<String, RoomCheck> rooms = new HashMap<>();
    private final Map<String, PresenceCheck> presence = new HashMap<>();
    /** By client, then by room. */
    private final Map<String, Map<String, StreamCheck>> streams = new HashMap<>();

    private Checker(Requirements requirements) {
        this.requirements = requirements;
    }

    /**
     * Checks a run.
     *
     * @param histories all files of the run
     * @throws IOException when a file cannot be read
     */
    public static Report check(List<Path> histories, Requirements requirements) throws IOException {
        var files = new Recordings(histories);
        var checker = new Checker(requirements);
        files.read(checker);
        return checker.report(files);
    }

    @Override
    public void unreadable(long line, String why) {
        findings.add(Kind.UNREADABLE, "not a valid observation: " + why, line);
    }

    @Override
    public void take(long line, Observation observation) {
        var at = observation.at();
        timeline.seen(at);
        switch (observation) {
            case Observation.Invoke invoke -> {
                timeline.sent(at);
                room(invoke.room()).invoke(line, invoke);
            }
            case Observation.Ok ok -> {
                timeline.ok(at);
                if (ok.duplicate() != null) counts.count("acks of repeated posts");
                room(ok.room()).ok(line, ok);
            }
            case Observation.Fail fail -> room(fail.room()).fail(line, fail);
            case Observation.Unknown unknown -> room(unknown.room()).unknown(unknown);
            case Observation.Failure failure -> counts.count("error frames: " + failure.code());
            case Observation.Connect _ -> counts.count("connections");
            case Observation.Disconnect disconnect -> disconnected(line, disconnect);
            case Observation.Join join -> {
                if (join.after() != null && join.after() > 0) counts.count("resumes");
                stream(at.client(), join.room()).join(line, join);
                presence(join.room()).join(at);
            }
            case Observation.Joined joined -> {
                stream(at.client(), joined.room()).joined(joined);
                presence(joined.room()).joined(line, joined);
            }
            case Observation.Resync resync -> {
                counts.count("resyncs: " + resync.outcome().name().toLowerCase(Locale.ROOT));
                stream(at.client(), resync.room()).resync(line, resync);
            }
            case Observation.Deliver deliver -> delivered(line, deliver);
            case Observation.Presence change -> presence(change.room()).changed(change);
            case Observation.PresenceDiff diff -> {
                counts.count("presence diffs");
                presence(diff.room()).changed(diff);
            }
            case Observation.PresenceState state -> presence(state.room()).told(state);
            case Observation.Cursor _ -> counts.count("cursors");
            case Observation.Confirmed _ -> counts.count("confirmed");
            case Observation.Expired _ -> counts.count("expired");
            case Observation.Fault fault -> timeline.fault(fault);
            case Observation.FinalRead read -> {
                counts.count("final reads: " + read.source().name().toLowerCase(Locale.ROOT));
                room(read.room()).finalRead(line, read);
            }
            case Observation.FinalPresence last -> presence(last.room()).asked(line, last);
        }
    }

    private void delivered(long line, Observation.Deliver deliver) {
        timeline.delivered(deliver.at());
        counts.count(deliver.isRedelivered() ? "redeliveries" : "deliveries");
        room(deliver.room()).delivered(line, deliver);
        stream(deliver.at().client(), deliver.room()).delivered(line, deliver);
    }

    private void disconnected(long line, Observation.Disconnect disconnect) {
        counts.count("connections ended: " + disconnect.why().name().toLowerCase(Locale.ROOT));
        for (var entry : streams.getOrDefault(disconnect.at().client(), Map.of()).entrySet()) {
            if (disconnect.why() == End.DONE) entry.getValue().done(line);
            else
                entry.getValue().disconnected();
            presence(entry.getKey()).disconnected(disconnect.at());
        }
    }

    private RoomCheck room(String name) {
        return rooms.computeIfAbsent(name, _ -> new RoomCheck(name, findings));
    }

    private PresenceCheck presence(String name) {
        return presence.computeIfAbsent(name, _ -> new PresenceCheck(name, findings));
    }

    private StreamCheck stream(String client, String room) {
        return streams.computeIfAbsent(client, _ -> new HashMap<>()).computeIfAbsent(room,
                name -> new StreamCheck(client, name, room(name), findings));
    }

    private Report report(Recordings files) throws IOException {
        rooms.values().forEach(room -> room.finish(requirements.finalReads()));
        var longest = presence.values().stream()
                .map(each -> each.finish(timeline.end(), requirements.maxPresence())).max(Duration::compareTo)
                .orElse(Duration.ZERO);
        rooms.values().forEach(room -> room.messages().forEach(this::count));
        var recoveries = timeline.recoveries();
        recoveries.forEach(each -> counts.count("faults: " + each.kind()));
        judgeEffort(recoveries);
        return new Report(counts.all(), recoveries, longest, findings.totals(), findings.violations(files));
    }

    private void count(Message message) {
        if (message.invoked.is()) {
            counts.count("messages sent");
            if (!message.isAborted())
                timeline.waited(message.invokedAt, message.isOk() ? message.okAt : timeline.end());
        }
        if (message.isOk()) counts.count("messages acknowledged");
        else if (message.isAborted()) counts.count("messages failed");
        else
            counts.count("messages with unknown result, " + (message.seen.is() ? "seen" : "not seen"));
    }

    private void judgeEffort(List<Report.Recovery> recoveries) {
        var oks = counts.of("messages acknowledged");
        if (oks < requirements.minOks()) {
            findings.add(Kind.TOO_LITTLE, "only " + oks + " messages were acknowledged, required are "
                    + requirements.minOks() + ": the run proves nothing");
        }
        var met = recoveries.stream().filter(Report.Recovery::metTraffic).count();
        if (met < requirements.minFaults()) {
            findings.add(Kind.TOO_LITTLE, "only " + met + " of " + recoveries.size()
                    + " faults happened while clients posted, required are " + requirements.minFaults());
        }
    }
}
