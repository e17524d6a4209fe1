-- Fast failover (Tarantool 3): a leader that is asked to stop hands over first, and followers elect early when the
-- leader's process is gone. A frozen process or a cut cable still takes Tarantool's own heartbeats.
-- On Tarantool 2.6 the same rules live in tarantool2/election.lua.
local fiber = require('fiber')
local log = require('log')
local confused_queue = require('replicaset.confused_queue')
local early_election = require('replicaset.early_election')

-- Tarantool gives its shutdown triggers three seconds in all.
local HAND_OVER_TIMEOUT = 1

local role = {}
local running = {}

-- The next leader is writable about 5 ms later; without this, after four heartbeats. The wait is for this node's vote:
-- without it two candidates split the rest, and the hand-over takes an election timeout (90 of 103, measured).
local function hand_over()
    if box.info.election.state ~= 'leader' then
        return
    end
    local done, err = pcall(box.ctl.demote)
    if not done then
        log.warn('The leader stops without handing over: %s', err)
        return
    end
    local deadline = fiber.clock() + HAND_OVER_TIMEOUT
    while box.info.election.leader == 0 and fiber.clock() < deadline do
        fiber.sleep(0.001)
    end
end

function role.validate(config)
    if config ~= nil and next(config) ~= nil then
        error('roles.failover takes no settings: remove roles_cfg["roles.failover"]')
    end
end

function role.stop()
    if running.stop ~= nil then
        running.stop()
        running.stop_watching()
        box.ctl.on_shutdown(nil, hand_over)
    end
    running = {}
end

-- Called again when the configuration is reloaded: the members may be others then.
function role.apply()
    role.stop()
    if box.info.election == nil then
        return
    end
    running.stop = early_election.start()
    running.stop_watching = confused_queue.watch()
    box.ctl.on_shutdown(hand_over)
end

return role
