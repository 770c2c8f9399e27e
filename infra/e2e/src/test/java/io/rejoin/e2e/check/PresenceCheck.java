package io.rejoin.e2e.check;

import io.rejoin.contracts.client.ServerFrame.Action;
import io.rejoin.e2e.check.Violation.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares the presence that clients of one room saw with the users who were there. A user is present from the answer
 * to a join of one of its connections until the last of these ends. Between a join and its answer, either is allowed.
 */
final class PresenceCheck {
    private static final int OUT = 0;
    private static final int MAYBE = 1;
    private static final int IN = 2;
    private static final int UNTOLD = 3;

    /**
     * The true presence of a user: the state of each of its connections that is not OUT, and the highest state over
     * time.
     */
    private static final class Truth {
        private final StateTimeline steps = new StateTimeline();
        private final Map<String, Integer> now = new HashMap<>();

        void become(long t, String client, int state) {
            if (state == OUT) now.remove(client);
            else
                now.put(client, state);
            steps.add(t, now.values().stream().mapToInt(Integer::intValue).max().orElse(OUT));
        }
    }

    /** The presence that one connection was sent. */
    private static final class View {
        private final String client;
        private final long line;
        private final long from;
        private long to = Long.MAX_VALUE;
        private final boolean isComplete;
        private long version = -1;
        private final Map<String, StateTimeline> users = new HashMap<>();

        View(String client, long line, long from, boolean isComplete) {
            this.client = client;
            this.line = line;
            this.from = from;
            this.isComplete = isComplete;
        }

        void tell(long t, String user, int state) {
            users.computeIfAbsent(user, _ -> new StateTimeline()).add(t, state);
        }
    }

    private record Final(long line, Observation.FinalPresence presence) {}

    private final String room;
    private final Findings findings;
    private final Map<String, Truth> truths = new HashMap<>();
    private final Map<String, View> open = new HashMap<>();
    private final List<View> views = new ArrayList<>();
    private final List<Final> finals = new ArrayList<>();

    PresenceCheck(String room, Findings findings) {
        this.room = room;
        this.findings = findings;
    }

    void join(Observation.At at) {
        var truth = truth(at.user());
        if (truth.now.getOrDefault(at.client(), OUT) != IN) truth.become(at.t(), at.client(), MAYBE);
    }

    void joined(long line, Observation.Joined joined) {
        var at = joined.at();
        truth(at.user()).become(at.t(), at.client(), IN);
        close(at);
        var view = new View(at.client(), line, at.t(), joined.members().size() == joined.count());
        if (joined.version() != null) view.version = joined.version();
        open.put(at.client(), view);
        views.add(view);
        joined.members().forEach(user -> view.tell(at.t(), user, IN));
    }

    void changed(Observation.Presence presence) {
        var view = open.get(presence.at().client());
        if (view == null || presence.version() <= view.version) return; // clients must ignore old versions
        view.version = presence.version();
        view.tell(presence.at().t(), presence.who(), presence.action() == Action.JOIN ? IN : OUT);
    }

    void changed(Observation.PresenceDiff diff) {
        var view = open.get(diff.at().client());
        if (view == null || diff.version() <= view.version) return;
        view.version = diff.version();
        Objects.requireNonNullElse(diff.joined(), List.<String>of())
                .forEach(user -> view.tell(diff.at().t(), user, IN));
        Objects.requireNonNullElse(diff.left(), List.<String>of())
                .forEach(user -> view.tell(diff.at().t(), user, OUT));
    }

    void told(Observation.PresenceState state) {
        var view = open.get(state.at().client());
        if (view == null || state.version() < view.version) return;
        view.version = state.version();
        var listed = new HashSet<>(state.members());
        if (state.members().size() == state.count()) {
            view.users.forEach((user, steps) -> {
                if (!listed.contains(user)) steps.add(state.at().t(), OUT);
            });
        }
        listed.forEach(user -> view.tell(state.at().t(), user, IN));
    }

    void disconnected(Observation.At at) {
        var truth = truth(at.user());
        if (truth.now.containsKey(at.client())) truth.become(at.t(), at.client(), OUT);
        close(at);
    }

    void asked(long line, Observation.FinalPresence presence) {
        finals.add(new Final(line, presence));
    }

    private void close(Observation.At at) {
        var view = open.remove(at.client());
        if (view != null) view.to = at.t();
    }

    private Truth truth(String user) {
        return truths.computeIfAbsent(user, _ -> new Truth());
    }

    /**
     * Judges the room after all lines were read.
     *
     * @param end  of the run
     * @param most how long a user may be shown wrongly
     * @return the longest time that a user was shown wrongly to a client
     */
    Duration finish(long end, Duration most) {
        var longest = 0L;
        for (var view : views) {
            var users = new HashSet<>(view.users.keySet());
            users.addAll(truths.keySet());
            for (var user : users) {
                var wrong = longestWrong(view, user, Math.min(end, view.to));
                longest = Math.max(longest, wrong);
                if (wrong > most.toNanos()) {
                    add(user + " had a wrong presence at " + view.client + " for " + Duration.ofNanos(wrong).toMillis()
                            + " ms", view.line);
                }
            }
        }
        finals.forEach(this::judgeFinal);
        return Duration.ofNanos(longest);
    }

    private long longestWrong(View view, String user, long end) {
        var truth = truths.get(user);
        var steps = truth == null ? new StateTimeline() : truth.steps;
        var told = view.users.getOrDefault(user, new StateTimeline());
        var untold = view.isComplete ? OUT : UNTOLD;
        var longest = 0L;
        var since = -1L;
        var t = 0;
        var v = 0;
        for (var now = view.from; now < end;) {
            while (t < steps.size() && steps.time(t) <= now) t++;
            while (v < told.size() && told.time(v) <= now) v++;
            var next = Math.min(end, Math.min(time(steps, t), time(told, v)));
            var shown = told.state(v - 1, untold);
            var real = steps.state(t - 1, OUT);
            var isWrong = (shown == IN && real == OUT) || (shown == OUT && real == IN);
            if (!isWrong) since = -1;
            else if (since < 0) since = now;
            if (isWrong) longest = Math.max(longest, next - since);
            now = next;
        }
        return longest;
    }

    private static long time(StateTimeline steps, int index) {
        return index < steps.size() ? steps.time(index) : Long.MAX_VALUE;
    }

    /** Checks that the final answer lists exactly the members who are there, unless the answer's list is shortened. */
    private void judgeFinal(Final last) {
        var presence = last.presence;
        var listed = Set.copyOf(presence.members());
        var isComplete = presence.members().size() == presence.count();
        var sure = 0;
        var possible = 0;
        for (var entry : truths.entrySet()) {
            var state = stateAt(entry.getValue(), presence.at().t());
            if (state == IN) sure++;
            if (state != OUT) possible++;
            if (state == IN && isComplete && !listed.contains(entry.getKey())) {
                add(entry.getKey() + " is in the room, but not in the final member list", last.line);
            }
        }
        for (var user : listed) {
            if (stateAt(truths.get(user), presence.at().t()) != OUT) continue;
            add(user + " is in the final member list, but not in the room", last.line);
        }
        if (presence.count() < sure || presence.count() > possible) {
            add("the final count is " + presence.count() + ", users in the room: " + sure, last.line);
        }
    }

    private static int stateAt(@Nullable Truth truth, long t) {
        if (truth == null) return OUT;
        var index = truth.steps.size() - 1;
        while (index >= 0 && truth.steps.time(index) > t) index--;
        return truth.steps.state(index, OUT);
    }

    private void add(String what, long line) {
        findings.add(Kind.PRESENCE, "room " + room + ": " + what, line);
    }
}
