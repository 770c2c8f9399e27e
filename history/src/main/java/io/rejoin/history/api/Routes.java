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
    private static final String GUARDED_PREFIX = "/v1/";

    private final Site publicSite;
    private final Guard guard;
    private final String installationId;
    private final ReplayRoute replay;
    private final UserRoute users;
    private final ApiMeters meters;

    /** @param publicSite answers the paths that need no secret */
    Routes(Site publicSite, Guard guard, String installationId, ReplayRoute replay, UserRoute users,
            ApiMeters meters) {
        this.publicSite = publicSite;
        this.guard = guard;
        this.installationId = installationId;
        this.replay = replay;
        this.users = users;
        this.meters = meters;
    }

    @Override
    public void answer(RequestHead request, Reply reply) throws RequestRefused, InterruptedException {
        if (request.target().path().startsWith(GUARDED_PREFIX)) answerGuarded(request, guard.withHeaders(reply));
        else
            publicSite.answer(request, reply);
    }

    private void answerGuarded(RequestHead request, Reply reply) throws RequestRefused, InterruptedException {
        if (!guard.isAuthorized(request)) {
            meters.countRefusal(ApiMeters.Refusal.UNAUTHORIZED);
            reply.send(Guard.UNAUTHORIZED);
            return;
        }
        if (request.target().path().startsWith(ReplayCodec.USERS_PATH)) {
            users.answer(request, reply);
            return;
        }
        if (!request.reads()) throw RequestRefused.method("GET, HEAD");
        switch (request.target().path()) {
            case ReplayCodec.PATH -> replay.answer(request, reply);
            case ReplayCodec.INSTALLATION_PATH -> reply.send(Answer.json(200, Map.of("installation", installationId)));
            default -> throw RequestRefused.nothingThere();
        }
    }
}
