### 织网的中文界面。每条都是给基层工作人员看的：短、明白、告诉他下一步做什么。

product = 织网
platform = 平台
navigation = 主导航
skip = 跳到正文
loading = 正在加载
retry = 重试
cancel = 取消
close = 关闭
back = 返回
back-to-list = 返回列表
all = 全部
optional = 选填

## 时间
span-days = { $n } 天
span-hours = { $n } 小时
span-minutes = { $n } 分钟
limit-left = 剩 { $span }
limit-late = 超期 { $span }
due-at = { $at } 到期
before = { $at } 前
rule-before = 中心应于 { $at } 前裁定

## 失败时说明怎么办
failure-offline = 连接不上服务器。请检查网络，恢复后点“重试”；已填写的内容不会丢失。
failure-signed-out = 登录已失效。请重新登录后继续。
failure-forbidden = 您的岗位没有这项权限。确有需要，请联系县管理员调整岗位。
failure-not-found = 没有找到，或您无权查看。请核对编号，或从列表重新进入。
failure-busy = 请求太频繁，请稍等片刻再试。
failure-broken = 服务器出现故障，本次操作没有完成。请稍后重试；仍不行请把追踪号告诉管理员。
failure-trace = 追踪号：{ $trace }
nothing-found = 没有符合的结果，请换个词试试

## 登录
sign-in = 登录

## 导航
nav-inbox = 收件箱
nav-tasks = 本部门任务
nav-register = 登记
nav-cases = 事件
nav-mechanisms = 部门机制
nav-report = 上报
nav-todo = 待办
nav-grid = 我的网格
nav-me = 我的
palette-open = 快速前往
offline-line = 当前没有信号。可继续查看已存内容和填写上报。
waiting-signal-n = 等待信号，{ $n } 件已存本机
sending-n = 正在发送 { $n } 件

## 收件箱
inbox-empty = 全部办完了
inbox-empty-more = 新的事项到来时会自动出现在这里。
choose-one = 从左侧选择一件
open-page = 在单独页面打开
n-items = 共 { $n } 件
no-steps = 目前没有需要您办理的步骤
more-steps = 其他 { $n } 项

inbox-accept = 待受理
inbox-dispatch = 待分派
inbox-rule_whistle = 待批准吹哨
inbox-rule_return = 待裁定退回
inbox-verify = 待核验
inbox-call_back = 待回访
inbox-close = 待结案
inbox-sign = 待签收
inbox-report_in = 待报到
inbox-handle = 待办结
inbox-complete = 待办结
inbox-handover = 待接收

## 事件
status-REPORTED = 待受理
status-ACCEPTED = 已受理
status-REJECTED = 不予受理
status-ROUTED = 办理中
status-HANDLED = 待核验
status-VERIFIED = 待回访
status-CLOSED = 已结案
status-WITHDRAWN = 已撤回
status-MERGED = 已并案
status-REFERRED = 已移送
paused = 已暂停
assignment-PENDING = 待签收
assignment-SIGNED = 已签收
assignment-REPORTED_IN = 已报到
assignment-RETURN_ASKED = 申请退回
assignment-RETURNED = 已退回
assignment-DONE = 已办结
assignment-EXCUSED = 免办
assignment-CANCELLED = 已取消
whistle-PROPOSED = 待批准
severity-CRITICAL = 特急
severity-URGENT = 紧急
severity-NORMAL = 一般
severity-LOW = 普通
category-DISPUTE = 矛盾纠纷
category-SAFETY = 治安与安全隐患
category-SERVICE = 服务民生
category-CENTRAL_WORK = 中心工作
protection-CLUE = 密封线索
protection-VIOLENCE = 涉暴保护
protection-REPORTER = 保护反映人
protection-VICTIM = 保护受害人
protection-HEALTH = 健康信息
protection-MINOR = 未成年人
protection-PRIVATE = 个人隐私
channel-GRID_PHONE = 网格员上报
channel-CENTRE_WINDOW = 中心窗口
channel-PUBLIC = 群众自报
channel-HOTLINE_12345 = 12345 热线
channel-POLICE_NON_EMERGENCY = 110 非警务
channel-PROCURATORATE_12309 = 12309 检察
channel-COURT = 法院
channel-PETITION = 信访
channel-DEVICE = 设备告警
channel-LEADER = 领导交办
channel-UPPER_LEVEL = 上级交办
channel-DEPARTMENT_SYSTEM = 部门系统
channel-IMPORT = 批量导入
party-reporter = 反映人
party-applicant = 申请人
party-respondent = 对方
party-party = 当事人
party-victim = 受害人
party-witness = 知情人
grade-EMERGENCY = 应急哨
grade-KEY = 重点哨
grade-ROUTINE = 常规哨
grade-HARD = 疑难哨
role-LEAD = 主办
role-ASSIST = 协办
card-REMINDER = 催办
card-YELLOW = 黄牌
card-RED = 红牌
return-NOT_OUR_DUTY = 职责不符
return-NOT_OUR_AREA = 属地不符
return-INFORMATION_MISSING = 信息不足
return-DUPLICATE = 重复
return-NOT_ACCEPTABLE_BY_LAW = 依法不受理
clock-SERVICE = 服务时限
clock-STATUTORY = 法定时限
clock-state-RUNNING = 计时中
clock-state-PAUSED = 已暂停
clock-state-STOPPED = 按期完成
clock-state-EXPIRED = 已超期

part-what = 基本情况
part-files = 附件
part-units = 承办单位
part-cards = 督办
part-clocks = 时限
part-records = 部门机制
part-timeline = 办理过程
timeline-empty = 还没有记录
timeline-more = 更早的记录请在单独页面查看
fact-item = 事项
fact-place = 属地
fact-address = 地点
fact-reporter = 上报人
fact-channel = 来源
fact-reported = 上报时间
fact-centre = 受理中心
fact-parties = 当事人
fact-references = 外部编号
fact-number = 事件编号
reporter-citizen = 群众
emergency-first = 紧急事项：请先拨打 110 / 119 / 120，再在此登记和处置。
stage-sign = 签收
stage-report-in = 报到
stage-done = 办结
card-line = { $name } 于 { $at } 发出，{ $due } 前答复
why = 为什么
provisional = 暂算

## 步骤
step-acceptCase = 受理
step-rejectCase = 不予受理
step-routeCase = 分派
step-escalateCase = 上报上级
step-blowWhistle = 吹哨
step-ruleWhistle = 审批吹哨
step-signAssignment = 签收
step-reportIn = 报到
step-askReturn = 申请退回
step-ruleReturn = 裁定退回
step-addProgress = 记录进展
step-completeAssignment = 办结
step-excuseAssignment = 免除协办
step-verifyCase = 核验
step-callBack = 回访
step-closeCase = 结案
step-reopenCase = 重新办理
step-pauseCase = 暂停计时
step-resumeCase = 恢复计时
step-extendCase = 延期
step-superviseCase = 督办
step-nameHandlers = 指定办理人

upheld-yes = 同意退回
upheld-no = 不同意，继续办理

## 登记与上报
open-case = 查看事件
