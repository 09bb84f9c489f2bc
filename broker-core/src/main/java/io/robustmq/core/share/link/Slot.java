package io.robustmq.core.share.link;

import io.robustmq.core.share.ShareKey;

/** Where a member waits for more: the last waiter there replaces others. */
record Slot(ShareKey key, String memberId) {}
