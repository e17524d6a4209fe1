-- A read that is proved by a majority, by Tarantool 3's own means: box.begin waits until this node has every row that
-- any node had when it asked, confirmed.
local linearizable = {}

-- Seconds. A leader that is cut off has been fenced by then, and the gateway should look for the next one.
local MAJORITY_TIMEOUT = 0.5
-- Of errcode.h. UNSUPPORTED: no MVCC, or a space that is not synchronous.
local UNSUPPORTED = 5

local function is_unsupported(err)
    return type(err) == 'cdata' and err.code == UNSUPPORTED
end

-- Runs `read`, which must not yield. Returns what it returns; or nil, a code and why it was not run.
function linearizable.read(read, timeout)
    -- Tarantool takes no timeout of 0.
    local begun, err = pcall(box.begin, {
        txn_isolation = 'linearizable',
        timeout = math.max(0.001, math.min(timeout, MAJORITY_TIMEOUT)),
    })
    if not begun and not is_unsupported(err) then
        -- 115, of type TimedOut, above all.
        return nil, 'TRY_AGAIN', ('No majority has confirmed that this node is up to date: %s'):format(err)
    end
    local done, result = begun, err
    if begun then
        done, result = pcall(read)
    end
    if not done then
        box.rollback()
        if is_unsupported(result) then
            return nil, 'NODE_FAILURE', ('Linearizable reads are not configured: %s'):format(result)
        end
        error(result, 0)
    end
    box.commit()
    return result
end

return linearizable
