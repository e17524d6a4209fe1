-- Fast failover (Tarantool 3): a leader that is asked to stop hands over first, and followers elect early when the
-- leader's process is gone. A frozen process or a cut cable still takes Tarantool's own heartbeats.
-- On Tarantool 2.6 the same rules live in tarantool2/election.lua.
local log = require('log')
local early_election = require('replicaset.early_election')

local role = {}
local running = {}

-- The next leader is writable about 5 ms later; without this, after four heartbeats.
local function hand_over()
    if box.info.election.state ~= 'leader' then
        return
    end
    local done, err = pcall(box.ctl.demote)
    if not done then
        log.warn('The leader stops without handing over: %s', err)
    end
end

function role.validate(config)
    if config ~= nil and next(config) ~= nil then
        error('roles.failover takes no settings: remove roles_cfg["roles.failover"]')
    end
end

function role.apply()
    if running.stop ~= nil or box.info.election == nil then
        return
    end
    running.stop = early_election.start()
    box.ctl.on_shutdown(hand_over)
end

function role.stop()
    if running.stop ~= nil then
        running.stop()
        box.ctl.on_shutdown(nil, hand_over)
    end
    running = {}
end

return role
