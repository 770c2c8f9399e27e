package io.rejoin.history.api;

import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.listener.http.Answer;
import io.rejoin.listener.http.RequestHead;
import io.rejoin.listener.http.RequestRefused;
import io.rejoin.listener.http.Site;
import java.util.Map;

/**
 * Routes requests by path. Health and metrics are open to everybody. The installation, the messages and the erasures
 * need the secret.
 */
final class Routes implements Site {
    private static final String GUARDED = "/v1/";

    private final Site open;
    private final Guard guard;
    private final String installation;
    private final ReplayRoute replay;
    private final UserRoute users;
    private final ApiMeters meters;

    /** @param open answers the paths that need no secret */
    Routes(Site open, Guard guard, String installation, ReplayRoute replay, UserRoute users,
            ApiMeters meters) {
        this.open = open;
        this.guard = guard;
        this.installation = installation;
        this.replay = replay;
        this.users = users;
        this.meters = meters;
    }

    @Override
    public void answer(RequestHead request, Reply reply) throws RequestRefused, InterruptedException {
        if (request.target().path().startsWith(GUARDED)) guarded(request, guard.named(reply));
        else
            open.answer(request, reply);
    }

    private void guarded(RequestHead request, Reply reply) throws RequestRefused, InterruptedException {
        if (!guard.admits(request)) {
            meters.refused(ApiMeters.Refusal.UNAUTHORIZED);
            reply.send(Guard.REFUSAL);
            return;
        }
        if (request.target().path().startsWith(ReplayCodec.USERS_PATH)) {
            users.answer(request, reply);
            return;
        }
        if (!request.reads()) throw RequestRefused.method("GET, HEAD");
        switch (request.target().path()) {
            case ReplayCodec.PATH -> replay.answer(request, reply);
            case ReplayCodec.INSTALLATION_PATH -> reply.send(Answer.json(200, Map.of("installation", installation)));
            default -> throw RequestRefused.nothingThere();
        }
    }
}
