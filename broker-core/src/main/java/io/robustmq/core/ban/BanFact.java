package io.robustmq.core.ban;

/** What happened to a ban. */
public sealed interface BanFact {
    Ban.Key key();

    record BanImposed(Ban ban) implements BanFact {
        @Override
        public Ban.Key key() {
            return ban.key();
        }
    }

    /** Lifted, or over. */
    record BanLifted(Ban.Key key) implements BanFact {}
}
